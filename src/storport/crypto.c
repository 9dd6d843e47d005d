/*
 * crypto.c - encryption that the adapter does by itself: what the driver announces, the keys that
 * it is given, and what a request is to be en- or decrypted with.
 *
 * Microsoft's pages call all of it reserved: records and their versions are the header's, and what
 * they leave open stands with the decisions in the architecture.
 */
#include "nt/memory.h"
#include "storport/adapter.h"

#include <errno.h>
#include <string.h>

enum { SECTOR_BYTES = 512 };
_Static_assert(PORT_CRYPTO_CAPABILITIES_MAX <= 0xFFFF, "their number is 16 bits wide");

/* ---- the engine ---- */

static bool capability_is_legal(const STOR_CRYPTO_CAPABILITY *capability)
{
    return capability->Version == STOR_CRYPTO_CAPABILITY_VERSION_1 &&
           capability->Size >= sizeof(*capability) &&
           capability->AlgorithmId > StorCryptoAlgorithmUnknown &&
           capability->AlgorithmId < StorCryptoAlgorithmMax &&
           capability->KeySize > StorCryptoKeySizeUnknown &&
           capability->KeySize < StorCryptoKeySizeMax && capability->DataUnitSizeBitmask;
}

static bool has_index(const struct port_crypto_engine *engine, uint32_t index)
{
    for (uint32_t i = 0; i < engine->capability_count; i++)
        if (engine->capabilities[i].index == index)
            return true;
    return false;
}

static bool capabilities_take(struct port_crypto_engine *engine,
                              const STOR_CRYPTO_CAPABILITIES_DATA *data)
{
    for (uint32_t i = 0; i < data->NumCryptoCapabilities; i++) {
        const STOR_CRYPTO_CAPABILITY *capability = &data->CryptoCapabilities[i];
        if (!capability_is_legal(capability) ||
            has_index(engine, capability->CryptoCapabilityIndex))
            return false;
        engine->capabilities[engine->capability_count++] = (struct port_crypto_capability){
            .index = capability->CryptoCapabilityIndex,
            .algorithm = capability->AlgorithmId,
            .key_size = capability->KeySize,
            .data_unit_sizes = capability->DataUnitSizeBitmask,
        };
    }
    return true;
}

static ULONG initialize_crypto_engine(struct storport_adapter *adapter, PVOID extension,
                                      __builtin_ms_va_list *arguments)
{
    const STOR_CRYPTO_CAPABILITIES_DATA *data =
        STORPORT_ARGUMENT(arguments, PSTOR_CRYPTO_CAPABILITIES_DATA);
    size_t head = offsetof(STOR_CRYPTO_CAPABILITIES_DATA, CryptoCapabilities);
    struct port_crypto_engine engine = {0};

    (void)extension;
    if (!data)
        return STOR_STATUS_INVALID_PARAMETER;
    if (data->Version != STOR_CRYPTO_CAPABILITIES_DATA_VERSION_1)
        return STOR_STATUS_UNSUPPORTED_VERSION;
    if (!data->NumKeysSupported || !data->NumCryptoCapabilities ||
        data->NumCryptoCapabilities > PORT_CRYPTO_CAPABILITIES_MAX ||
        data->Size < head + data->NumCryptoCapabilities * sizeof(*data->CryptoCapabilities) ||
        !capabilities_take(&engine, data))
        return STOR_STATUS_INVALID_PARAMETER;
    engine.keys = data->NumKeysSupported;
    size_t size = offsetof(struct port_crypto_engine, capabilities) +
                  engine.capability_count * sizeof(engine.capabilities[0]);
    return port_announce(&adapter->port->crypto_engine, &engine, size)
               ? STOR_STATUS_SUCCESS
               : STOR_STATUS_INSUFFICIENT_RESOURCES;
}
STORPORT_EXTENDED(ExtFunctionInitializeCryptoEngine, "StorPortInitializeCryptoEngine",
                  "Cryptography and RPMB", initialize_crypto_engine);

/* ---- keys ---- */

/* The key lies where a device can read it, for as long as the call lasts. */
int storport_insert_key(struct port_adapter *port, const struct port_key_insertion *insertion)
{
    SCSI_ADAPTER_CONTROL_STATUS status = ScsiAdapterControlUnsuccessful;
    uint8_t *key = port_buffer_allocate(insertion->length);

    if (!key)
        return -ENOMEM;
    memcpy(key, insertion->key, insertion->length);
    STOR_CRYPTO_OPERATION_INSERT_KEY insert = {
        .Version = STOR_CRYPTO_OPERATION_INSERT_KEY_VERSION_1,
        .Size = sizeof(insert),
        .KeyIndex = insertion->index,
        .CryptoCapabilityIndex = insertion->capability->index,
        .DataUnitSizeBitmask = insertion->data_unit_size / SECTOR_BYTES,
        .KeySize = (STOR_CRYPTO_KEY_SIZE)insertion->capability->key_size,
        .KeyVirtualAddress = key,
        .KeyPhysicalAddress.QuadPart = (LONGLONG)nt_physical_address(key),
    };
    STOR_CRYPTO_OPERATION operation = {
        .OperationType = StorCryptoOperationInsertKey,
        .OperationBufferLength = sizeof(insert),
        .OperationBuffer = &insert,
    };
    bool called = storport_adapter_control(port->model_state, ScsiAdapterCryptoOperation,
                                           &operation, &status);
    explicit_bzero(key, insertion->length);
    port_buffer_free(key);
    if (!called)
        return -EOPNOTSUPP;
    if (status == ScsiAdapterControlSuccess)
        return 0;
    nt_finding("F0.4", port, "HwStorAdapterControl has failed a crypto operation, insert key %u",
               insertion->index);
    return -EIO;
}

/* ---- requests ---- */

static uint64_t big_endian(const uint8_t *bytes, unsigned count)
{
    uint64_t number = 0;

    while (count--)
        number = number << 8 | *bytes++;
    return number;
}

/* The first block of a command whose data are those of the medium, block by block. Commands that
 * write one block many times (WRITE SAME) are none of them. */
static bool command_block(const uint8_t *cdb, unsigned length, uint64_t *ret_block)
{
    enum { VARIABLE_LENGTH = 0x7F, READ_32 = 0x09, WRITE_32 = 0x0B, WRITE_VERIFY_32 = 0x0C };
    enum { BYTES_32 = 32 };
    unsigned action;

    switch (cdb[0]) {
    case 0x08: /* READ(6), WRITE(6) */
    case 0x0A:
        *ret_block = big_endian(cdb + 1, 3) & 0x1FFFFF;
        return true;
    case 0x28: /* READ(10), WRITE(10), WRITE AND VERIFY(10), VERIFY(10); and those of 12 bytes */
    case 0x2A:
    case 0x2E:
    case 0x2F:
    case 0xA8:
    case 0xAA:
    case 0xAE:
    case 0xAF:
        *ret_block = big_endian(cdb + 2, 4);
        return true;
    case 0x88: /* READ(16), COMPARE AND WRITE, WRITE(16), WRITE AND VERIFY(16), VERIFY(16) */
    case 0x89:
    case 0x8A:
    case 0x8E:
    case 0x8F:
    case 0x9C: /* WRITE ATOMIC(16) */
        *ret_block = big_endian(cdb + 2, 8);
        return true;
    case VARIABLE_LENGTH:
        if (length < BYTES_32)
            return false;
        action = (unsigned)big_endian(cdb + 8, 2);
        *ret_block = big_endian(cdb + 12, 8);
        return action == READ_32 || action == WRITE_32 || action == WRITE_VERIFY_32;
    default:
        return false;
    }
}

static bool request_block(const struct port_request *request, uint64_t *ret_block)
{
    bool is_long = request->flags & PORT_FLAG_LONG_CDB && request->long_cdb;

    return request->function == PORT_EXECUTE_SCSI && request->length &&
           command_block(is_long ? request->long_cdb : request->cdb, request->cdb_length,
                         ret_block);
}

static ULONG get_request_crypto_info(struct storport_adapter *adapter, PVOID extension,
                                     __builtin_ms_va_list *arguments)
{
    const struct port_request *request =
        storport_request_of(adapter, STORPORT_ARGUMENT(arguments, PSCSI_REQUEST_BLOCK));
    PSTOR_CRYPTO_KEY_INFO information = STORPORT_ARGUMENT(arguments, PSTOR_CRYPTO_KEY_INFO);
    uint64_t block, tweak;
    uint32_t index;

    (void)extension;
    if (!request || !information)
        return STOR_STATUS_INVALID_PARAMETER;
    if (information->Version != STOR_CRYPTO_KEY_INFO_VERSION_1)
        return STOR_STATUS_UNSUPPORTED_VERSION;
    if (information->Size < sizeof(*information))
        return STOR_STATUS_INVALID_PARAMETER;
    if (!request_block(request, &block) ||
        !port_unit_crypto_of(request->unit, block, &index, &tweak))
        return STOR_STATUS_UNSUCCESSFUL;
    information->KeyIndex = index;
    information->Tweak = tweak;
    return STOR_STATUS_SUCCESS;
}
STORPORT_EXTENDED(ExtFunctionGetRequestCryptoInfo, "StorPortGetRequestCryptoInfo",
                  "Cryptography and RPMB", get_request_crypto_info);
