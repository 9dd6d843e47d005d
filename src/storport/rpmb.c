/*
 * rpmb.c - StorPortInitializeRpmb: a driver announces a replay-protected memory block, of the
 * adapter or of a unit. Whoever asks gets what it said (StorageAdapterRpmbProperty, descriptions).
 */
#include "storport/adapter.h"
#include <ntddstor.h>

/* Of the property's descriptor: neither size may be zero. */
static bool is_legal(const STOR_RPMB_CAPABILITIES_DATA *data)
{
    return data->RpmbSize && data->MaxReliableRpmbWriteSize &&
           data->MaxReliableRpmbWriteSize <= data->RpmbSize &&
           data->FrameFormat > StorRpmbFrameTypeUnknown && data->FrameFormat < StorRpmbFrameTypeMax;
}

static ULONG initialize_rpmb(struct storport_adapter *adapter, PVOID extension,
                             __builtin_ms_va_list *arguments)
{
    PSTOR_ADDRESS address = STORPORT_ARGUMENT(arguments, PSTOR_ADDRESS);
    const STOR_RPMB_CAPABILITIES_DATA *data =
        STORPORT_ARGUMENT(arguments, PSTOR_RPMB_CAPABILITIES_DATA);
    struct port_unit *unit = storport_unit_at(adapter, address);

    (void)extension;
    if (!data || (address && !unit))
        return STOR_STATUS_INVALID_PARAMETER;
    if (data->Version != STOR_RPMB_VERSION_1)
        return STOR_STATUS_UNSUPPORTED_VERSION;
    if (data->Size < sizeof(*data) || !is_legal(data))
        return STOR_STATUS_INVALID_PARAMETER;
    const struct port_rpmb rpmb = {
        .bytes = data->RpmbSize,
        .write_bytes_max = data->MaxReliableRpmbWriteSize,
        .frame_format = data->FrameFormat,
        .path = data->RpmbTarget.Path,
        .target = data->RpmbTarget.Target,
        .lun = data->RpmbTarget.Lun,
        .protocol = data->SecurityProtocol,
        .protocol_specifier = data->SecurityProtocolSpecifier,
    };
    return port_announce(unit ? &unit->rpmb : &adapter->port->rpmb, &rpmb, sizeof(rpmb))
               ? STOR_STATUS_SUCCESS
               : STOR_STATUS_INSUFFICIENT_RESOURCES;
}
STORPORT_EXTENDED(ExtFunctionInitializeRpmb, "StorPortInitializeRpmb", "Cryptography and RPMB",
                  initialize_rpmb);
