/*
 * ioctl_property.c - IOCTL_STORAGE_QUERY_PROPERTY: descriptors of the adapter and of units, from
 * the configuration and from what enumeration has read.
 *
 * A descriptor is made whole and returned as far as there is room: its header tells the rest.
 */
#include "storport/device.h"

#include <ntddstor.h>
#include <stdlib.h>
#include <string.h>

enum { DESCRIPTOR_MAX = 4096 };

/* A descriptor under construction. */
struct descriptor {
    _Alignas(8) unsigned char bytes[DESCRIPTOR_MAX];
    size_t size;
};

static NTSTATUS give(struct storport_ioctl *ioctl, const void *bytes, size_t size)
{
    const STORAGE_PROPERTY_QUERY *query = ioctl->buffer;

    if (query->QueryType == PropertyExistsQuery)
        return STATUS_SUCCESS;
    if (query->QueryType != PropertyStandardQuery)
        return STATUS_NOT_SUPPORTED;
    if (ioctl->output_length < sizeof(STORAGE_DESCRIPTOR_HEADER))
        return STATUS_BUFFER_TOO_SMALL;
    ioctl->information = size < ioctl->output_length ? size : ioctl->output_length;
    memcpy(ioctl->buffer, bytes, ioctl->information);
    return STATUS_SUCCESS;
}

/* ---- the adapter ---- */

static NTSTATUS query_adapter(struct storport_ioctl *ioctl)
{
    const struct port_limits *limits = &ioctl->port->limits;
    STORAGE_ADAPTER_DESCRIPTOR descriptor = {
        .Version = sizeof(descriptor),
        .Size = sizeof(descriptor),
        .MaximumTransferLength = port_adapter_transfer_limit(ioctl->port),
        .MaximumPhysicalPages = limits->physical_breaks,
        .AlignmentMask = limits->alignment_mask,
        .CommandQueueing = TRUE,
        .BusType = __atomic_load_n(&ioctl->port->bus_type, __ATOMIC_RELAXED),
        .SrbType = limits->storage_request_blocks ? SRB_TYPE_STORAGE_REQUEST_BLOCK
                                                  : SRB_TYPE_SCSI_REQUEST_BLOCK,
        .AddressType = STORAGE_ADDRESS_TYPE_BTL8,
    };

    return give(ioctl, &descriptor, sizeof(descriptor));
}

/* What a unit has of its own comes before what its adapter has. */
static NTSTATUS query_rpmb(struct storport_ioctl *ioctl)
{
    const struct port_rpmb *rpmb = ioctl->unit ? port_announced(&ioctl->unit->rpmb) : NULL;

    if (!rpmb)
        rpmb = port_announced(&ioctl->port->rpmb);
    if (!rpmb)
        return STATUS_NOT_SUPPORTED;
    const STORAGE_RPMB_DESCRIPTOR descriptor = {
        .Version = STORAGE_RPMB_DESCRIPTOR_VERSION_1,
        .Size = sizeof(descriptor),
        .SizeInBytes = rpmb->bytes,
        .MaxReliableWriteSizeInBytes = rpmb->write_bytes_max,
        .FrameFormat = (STORAGE_RPMB_FRAME_TYPE)rpmb->frame_format,
    };
    return give(ioctl, &descriptor, sizeof(descriptor));
}

static NTSTATUS query_crypto(struct storport_ioctl *ioctl)
{
    const struct port_crypto_engine *engine = port_announced(&ioctl->port->crypto_engine);
    size_t size = offsetof(STORAGE_CRYPTO_DESCRIPTOR, CryptoCapabilities);

    if (!engine)
        return STATUS_NOT_SUPPORTED;
    size += engine->capability_count * sizeof(STORAGE_CRYPTO_CAPABILITY);
    STORAGE_CRYPTO_DESCRIPTOR *descriptor = calloc(1, size);
    if (!descriptor)
        return STATUS_INSUFFICIENT_RESOURCES;
    descriptor->Version = STORAGE_CRYPTO_DESCRIPTOR_VERSION_1;
    descriptor->Size = (ULONG)size;
    descriptor->NumKeysSupported = engine->keys;
    descriptor->NumCryptoCapabilities = engine->capability_count;
    for (uint32_t i = 0; i < engine->capability_count; i++)
        descriptor->CryptoCapabilities[i] = (STORAGE_CRYPTO_CAPABILITY){
            .Version = STORAGE_CRYPTO_CAPABILITY_VERSION_1,
            .Size = sizeof(STORAGE_CRYPTO_CAPABILITY),
            .CryptoCapabilityIndex = engine->capabilities[i].index,
            .AlgorithmId = (STORAGE_CRYPTO_ALGORITHM_ID)engine->capabilities[i].algorithm,
            .KeySize = (STORAGE_CRYPTO_KEY_SIZE)engine->capabilities[i].key_size,
            .DataUnitSizeBitmask = engine->capabilities[i].data_unit_sizes,
        };
    NTSTATUS status = give(ioctl, descriptor, size);
    free(descriptor);
    return status;
}

/* ---- units ---- */

/* Text of a fixed field without its blanks; the offset at which it lies, 0 for none. */
static ULONG add_text(struct descriptor *descriptor, const uint8_t *text, size_t length)
{
    size_t at = descriptor->size;

    while (length && (text[length - 1] == ' ' || !text[length - 1]))
        length--;
    while (length && *text == ' ') {
        text++;
        length--;
    }
    if (!length || at + length + 1 > DESCRIPTOR_MAX)
        return 0;
    memcpy(descriptor->bytes + at, text, length);
    descriptor->bytes[at + length] = 0;
    descriptor->size += length + 1;
    return (ULONG)at;
}

/* What the driver describes richly stands before what the inquiry data have room for. */
static ULONG add_best(struct descriptor *descriptor, const char *rich, const uint8_t *inquiry,
                      size_t length)
{
    return *rich ? add_text(descriptor, (const uint8_t *)rich, strlen(rich))
                 : add_text(descriptor, inquiry, length);
}

static NTSTATUS query_device(struct storport_ioctl *ioctl)
{
    const struct port_unit *unit = ioctl->unit;
    struct port_unit_info info;
    struct descriptor descriptor = {.size =
                                        offsetof(STORAGE_DEVICE_DESCRIPTOR, RawDeviceProperties)};

    port_unit_describe(unit, &info);
    STORAGE_DEVICE_DESCRIPTOR head = {
        .Version = sizeof(head),
        .DeviceType = unit->inquiry[0] & 0x1F,
        .DeviceTypeModifier = unit->inquiry[1] & 0x7F,
        .RemovableMedia = (unit->inquiry[1] & 0x80) != 0,
        .CommandQueueing = port_unit_queues_commands(unit),
        .BusType = (STORAGE_BUS_TYPE)info.bus_type,
        .RawPropertiesLength = unit->inquiry_length,
    };

    memcpy(descriptor.bytes + descriptor.size, unit->inquiry, unit->inquiry_length);
    descriptor.size += unit->inquiry_length;
    head.VendorIdOffset = add_best(&descriptor, unit->rich_vendor, unit->inquiry + 8, 8);
    head.ProductIdOffset = add_best(&descriptor, unit->rich_model, unit->inquiry + 16, 16);
    head.ProductRevisionOffset = add_best(&descriptor, unit->rich_revision, unit->inquiry + 32, 4);
    if (unit->vpd_serial_length > 4) {
        size_t length = unit->vpd_serial[3];
        if (length > unit->vpd_serial_length - 4u)
            length = unit->vpd_serial_length - 4u;
        head.SerialNumberOffset = add_text(&descriptor, unit->vpd_serial + 4, length);
    }
    head.Size = (ULONG)descriptor.size;
    memcpy(descriptor.bytes, &head, offsetof(STORAGE_DEVICE_DESCRIPTOR, RawDeviceProperties));
    return give(ioctl, descriptor.bytes, descriptor.size);
}

/* Page 0x83 in Windows' form: each designator with a header of 16 bytes. */
static NTSTATUS query_device_id(struct storport_ioctl *ioctl)
{
    const struct port_unit *unit = ioctl->unit;
    const uint8_t *page = unit->vpd_identification;
    struct descriptor descriptor = {.size = offsetof(STORAGE_DEVICE_ID_DESCRIPTOR, Identifiers)};
    STORAGE_DEVICE_ID_DESCRIPTOR head = {.Version = sizeof(head)};
    size_t at = 4, end = unit->vpd_identification_length;
    STORAGE_IDENTIFIER *previous = NULL;

    if (!page || end < 4)
        return STATUS_NOT_SUPPORTED;
    while (at + 4 <= end && at + 4 + page[at + 3] <= end) {
        size_t length = page[at + 3];
        size_t size = (offsetof(STORAGE_IDENTIFIER, Identifier) + length + 3) & ~(size_t)3;
        if (descriptor.size + size > DESCRIPTOR_MAX)
            break;
        STORAGE_IDENTIFIER *identifier = (STORAGE_IDENTIFIER *)(descriptor.bytes + descriptor.size);
        identifier->CodeSet = (STORAGE_IDENTIFIER_CODE_SET)(page[at] & 0x0F);
        identifier->Type = (STORAGE_IDENTIFIER_TYPE)(page[at + 1] & 0x0F);
        identifier->Association = (STORAGE_ASSOCIATION_TYPE)(page[at + 1] >> 4 & 3);
        identifier->IdentifierSize = (USHORT)length;
        memcpy(identifier->Identifier, page + at + 4, length);
        if (previous)
            previous->NextOffset =
                (USHORT)((unsigned char *)identifier - (unsigned char *)previous);
        previous = identifier;
        descriptor.size += size;
        head.NumberOfIdentifiers++;
        at += 4 + length;
    }
    head.Size = (ULONG)descriptor.size;
    memcpy(descriptor.bytes, &head, offsetof(STORAGE_DEVICE_ID_DESCRIPTOR, Identifiers));
    return give(ioctl, descriptor.bytes, descriptor.size);
}

/* ---- the code ---- */

static NTSTATUS query_property(struct storport_ioctl *ioctl)
{
    const STORAGE_PROPERTY_QUERY *query = ioctl->buffer;

    switch (query->PropertyId) {
    case StorageAdapterProperty:
        return query_adapter(ioctl);
    case StorageDeviceProperty:
        return ioctl->unit ? query_device(ioctl) : STATUS_NOT_SUPPORTED;
    case StorageDeviceIdProperty:
        return ioctl->unit ? query_device_id(ioctl) : STATUS_NOT_SUPPORTED;
    case StorageAdapterRpmbProperty:
        return query_rpmb(ioctl);
    case StorageAdapterCryptoProperty:
        return query_crypto(ioctl);
    default:
        return STATUS_NOT_SUPPORTED;
    }
}
STORPORT_IOCTL(IOCTL_STORAGE_QUERY_PROPERTY, STORPORT_FOR_ADAPTER | STORPORT_FOR_UNIT,
               offsetof(STORAGE_PROPERTY_QUERY, AdditionalParameters), query_property);
