/*
 * What the vault announces, the keys that it is given, and what tests ask it for.
 */
#include "vault.h"

#define XTS_256               7 /* the index of a capability, which is not its place in the list */
#define CBC_128               9
#define UNITS_OF_512_AND_4096 9

static const STOR_ADDR_BTL8 FirstUnit = {.Type = STOR_ADDRESS_TYPE_BTL8,
                                         .AddressLength = STOR_ADDR_BTL8_ADDRESS_LENGTH};

static VOID AnnounceEngine(VAULT_ADAPTER *Adapter)
{
    struct {
        STOR_CRYPTO_CAPABILITIES_DATA Data;
        STOR_CRYPTO_CAPABILITY Second;
    } Engine;
    STOR_CRYPTO_CAPABILITY *Capability = Engine.Data.CryptoCapabilities;

    RtlZeroMemory(&Engine, sizeof(Engine));
    Engine.Data.Version = STOR_CRYPTO_CAPABILITIES_DATA_VERSION_1;
    Engine.Data.Size = sizeof(Engine);
    Engine.Data.NumKeysSupported = (USHORT)Adapter->Keys;
    Engine.Data.NumCryptoCapabilities = (USHORT)Adapter->Capabilities;
    Capability[0].Version = STOR_CRYPTO_CAPABILITY_VERSION_1;
    Capability[0].Size = sizeof(Capability[0]);
    Capability[0].CryptoCapabilityIndex = XTS_256;
    Capability[0].DataUnitSizeBitmask = UNITS_OF_512_AND_4096;
    Capability[0].AlgorithmId = StorCryptoAlgorithmXTSAES;
    Capability[0].KeySize = StorCryptoKeySize256Bits;
    Engine.Second = Capability[0];
    Engine.Second.CryptoCapabilityIndex = CBC_128;
    Engine.Second.AlgorithmId = StorCryptoAlgorithmBitlockerAESCBC;
    Engine.Second.KeySize = StorCryptoKeySize128Bits;
    if (StorPortInitializeCryptoEngine(Adapter, &Engine.Data) != STOR_STATUS_SUCCESS) {
        Adapter->Report.Problems++;
    }
}

static VOID AnnounceRpmb(VAULT_ADAPTER *Adapter, PSTOR_ADDRESS Address, ULONG Bytes)
{
    STOR_RPMB_CAPABILITIES_DATA Data;

    RtlZeroMemory(&Data, sizeof(Data));
    Data.Version = STOR_RPMB_VERSION_1;
    Data.Size = sizeof(Data);
    Data.RpmbSize = Bytes;
    Data.MaxReliableRpmbWriteSize = 512;
    Data.SecurityProtocol = 0xEC;
    Data.SecurityProtocolSpecifier = 1;
    Data.RpmbTarget = FirstUnit;
    Data.RpmbTarget.Lun = 0xC4;
    Data.FrameFormat = StorRpmbFrameTypeStandard;
    if (StorPortInitializeRpmb(Adapter, Address, &Data) != STOR_STATUS_SUCCESS) {
        Adapter->Report.Problems++;
    }
}

static VOID AskMachine(VAULT_ADAPTER *Adapter)
{
    BOOLEAN Upgraded = FALSE;
    ULONG Reprovision = FALSE, Crypto = FALSE;

    if (StorPortIsCurrentOsInstallationUpgrade(Adapter, &Upgraded) != STOR_STATUS_SUCCESS ||
        StorPortIsDeviceOperationAllowed(Adapter, NULL,
                                         &STORPORT_DEVICEOPERATION_SECURE_REPROVISION_GUID,
                                         &Reprovision) != STOR_STATUS_SUCCESS ||
        StorPortIsDeviceOperationAllowed(Adapter, NULL,
                                         &STORPORT_DEVICEOPERATION_USE_INLINE_CRYPTO_ENGINE_GUID,
                                         &Crypto) != STOR_STATUS_SUCCESS) {
        Adapter->Report.Problems++;
    }
    Adapter->Report.Machine = (Upgraded ? 1 : 0) | (Reprovision ? 2 : 0) | (Crypto ? 4 : 0);
}

static VOID AnnounceFeatures(VAULT_ADAPTER *Adapter)
{
    BOOLEAN Features[StorportFeatureMax] = {FALSE};

    Features[StorportFeatureReportInternalDataAdapterControl] = TRUE;
    Features[StorportFeatureReportInternalDataUnitControl] = TRUE;
    Features[StorportFeatureSetEventLoggingAdapterControl] = TRUE;
    if (StorPortSetFeatureList(Adapter, StorportFeatureMax, Features) != STOR_STATUS_SUCCESS) {
        Adapter->Report.Problems++;
    }
}

VOID VaultAnnounce(VAULT_ADAPTER *Adapter)
{
    AnnounceFeatures(Adapter);
    AskMachine(Adapter);
    if (Adapter->Keys != 0) {
        AnnounceEngine(Adapter);
    }
    if (Adapter->RpmbBytes != 0) {
        AnnounceRpmb(Adapter, NULL, Adapter->RpmbBytes);
    }
}

VOID VaultAnnounceUnit(VAULT_ADAPTER *Adapter)
{
    STOR_ADDR_BTL8 Address = FirstUnit;

    AnnounceRpmb(Adapter, (PSTOR_ADDRESS)&Address, Adapter->UnitRpmb);
}

/* ---- keys ---- */

static BOOLEAN IsAsItShouldBe(VAULT_ADAPTER *Adapter, const STOR_CRYPTO_OPERATION *Operation,
                              const STOR_CRYPTO_OPERATION_INSERT_KEY *Insert)
{
    STOR_PHYSICAL_ADDRESS Address;
    ULONG Length = 0;

    if (Operation->OperationType != StorCryptoOperationInsertKey ||
        Operation->OperationBufferLength != sizeof(*Insert) ||
        Insert->Version != STOR_CRYPTO_OPERATION_INSERT_KEY_VERSION_1 ||
        Insert->Size != sizeof(*Insert) || Insert->KeyIndex >= Adapter->Keys ||
        Insert->Reserved != 0 || Insert->KeyVirtualAddress == NULL) {
        return FALSE;
    }
    Address = StorPortGetPhysicalAddress(Adapter, NULL, Insert->KeyVirtualAddress, &Length);
    return Address.QuadPart == Insert->KeyPhysicalAddress.QuadPart;
}

static BOOLEAN InsertKey(VAULT_ADAPTER *Adapter, const STOR_CRYPTO_OPERATION *Operation)
{
    const STOR_CRYPTO_OPERATION_INSERT_KEY *Insert =
        (const STOR_CRYPTO_OPERATION_INSERT_KEY *)Operation->OperationBuffer;
    VAULT_REPORT_DATA *Report = &Adapter->Report;
    KIRQL Irql = KeGetCurrentIrql();

    Report->Insertions++;
    Report->InsertIrql = Irql > Report->InsertIrql ? Irql : Report->InsertIrql;
    if (!IsAsItShouldBe(Adapter, Operation, Insert)) {
        Report->Problems++;
        return FALSE;
    }
    Report->Index = Insert->KeyIndex;
    Report->Capability = Insert->CryptoCapabilityIndex;
    Report->DataUnitBitmask = Insert->DataUnitSizeBitmask;
    Report->KeySize = Insert->KeySize;
    if (Adapter->FailKeys) {
        return FALSE;
    }
    Adapter->Key[Insert->KeyIndex].DataUnitSize = Insert->DataUnitSizeBitmask * 512;
    Adapter->Key[Insert->KeyIndex].Length =
        Insert->CryptoCapabilityIndex == XTS_256 ? VAULT_KEY_BYTES : 16;
    RtlCopyMemory(Adapter->Key[Insert->KeyIndex].Bytes, Insert->KeyVirtualAddress,
                  Adapter->Key[Insert->KeyIndex].Length);
    return TRUE;
}

/* ---- what the driver is asked and told ---- */

static BOOLEAN ReportData(VAULT_ADAPTER *Adapter, const STOR_REPORT_INTERNAL_DATA *Asked)
{
    ULONG Door = 1234;
    MINIPORT_DATA Item;

    RtlZeroMemory(&Item, sizeof(Item));
    Item.Name = (PWSTR)(Asked->Address == NULL ? L"doors" : L"locks");
    Item.Type = DataTypeUInt32;
    Item.Data = &Door;
    return StorPortMiniportReportInternalData(Adapter, Asked->Address, Asked->CallbackContext, 1,
                                              &Item) == STOR_STATUS_SUCCESS;
}

SCSI_UNIT_CONTROL_STATUS VaultUnitControl(PVOID DeviceExtension, SCSI_UNIT_CONTROL_TYPE ControlType,
                                          PVOID Parameters)
{
    PSCSI_SUPPORTED_CONTROL_TYPE_LIST List = (PSCSI_SUPPORTED_CONTROL_TYPE_LIST)Parameters;

    switch (ControlType) {
    case ScsiQuerySupportedUnitControlTypes:
        List->SupportedTypeList[ScsiUnitReportInternalData] = TRUE;
        return ScsiUnitControlSuccess;
    case ScsiUnitReportInternalData:
        return ReportData((VAULT_ADAPTER *)DeviceExtension,
                          (const STOR_REPORT_INTERNAL_DATA *)Parameters)
                   ? ScsiUnitControlSuccess
                   : ScsiUnitControlUnsuccessful;
    default:
        return ScsiUnitControlUnsuccessful;
    }
}

SCSI_ADAPTER_CONTROL_STATUS
VaultAdapterControl(PVOID DeviceExtension, SCSI_ADAPTER_CONTROL_TYPE ControlType, PVOID Parameters)
{
    VAULT_ADAPTER *Adapter = (VAULT_ADAPTER *)DeviceExtension;
    PSCSI_SUPPORTED_CONTROL_TYPE_LIST List = (PSCSI_SUPPORTED_CONTROL_TYPE_LIST)Parameters;

    switch (ControlType) {
    case ScsiQuerySupportedControlTypes:
        List->SupportedTypeList[ScsiStopAdapter] = TRUE;
        List->SupportedTypeList[ScsiRestartAdapter] = TRUE;
        List->SupportedTypeList[ScsiAdapterCryptoOperation] = (BOOLEAN)(Adapter->NoControl == 0);
        List->SupportedTypeList[ScsiAdapterReportInternalData] = TRUE;
        List->SupportedTypeList[ScsiAdapterSetEventLogging] = TRUE;
        return ScsiAdapterControlSuccess;
    case ScsiAdapterReportInternalData:
        return ReportData(Adapter, (const STOR_REPORT_INTERNAL_DATA *)Parameters)
                   ? ScsiAdapterControlSuccess
                   : ScsiAdapterControlUnsuccessful;
    case ScsiAdapterSetEventLogging:
        StorPortDebugPrint(0, "channel %u is %s\n",
                           ((const STOR_SET_EVENT_LOGGING *)Parameters)->Channel,
                           ((const STOR_SET_EVENT_LOGGING *)Parameters)->Enabled ? "on" : "off");
        return ScsiAdapterControlSuccess;
    case ScsiStopAdapter:
        return ScsiAdapterControlSuccess;
    case ScsiRestartAdapter:
        RtlZeroMemory(Adapter->Key, sizeof(Adapter->Key));
        return ScsiAdapterControlSuccess;
    case ScsiAdapterCryptoOperation:
        return InsertKey(Adapter, (const STOR_CRYPTO_OPERATION *)Parameters)
                   ? ScsiAdapterControlSuccess
                   : ScsiAdapterControlUnsuccessful;
    default:
        return ScsiAdapterControlUnsuccessful;
    }
}

/* ---- what tests ask for ---- */

static VOID DumpNow(PVOID DeviceExtension, PVOID Context, PVOID Worker)
{
    static UCHAR Log[] = "what the device noted";
    VAULT_ADAPTER *Adapter = (VAULT_ADAPTER *)DeviceExtension;
    PSCSI_REQUEST_BLOCK Srb = Adapter->Dumping;
    VAULT_REPORT_DATA *Answer = (VAULT_REPORT_DATA *)((PSRB_IO_CONTROL)SrbGetDataBuffer(Srb) + 1);
    STORPORT_LIVEDUMP_DEVICE_TELEMETRY_LOG Telemetry;
    STORPORT_CAPTURE_LIVEDUMP Dump;

    UNREFERENCED_PARAMETER(Context);
    UNREFERENCED_PARAMETER(Worker);
    RtlZeroMemory(&Telemetry, sizeof(Telemetry));
    Telemetry.Version = sizeof(Telemetry);
    Telemetry.Size = sizeof(Telemetry);
    RtlCopyMemory(Telemetry.BucketId, "vault-door-open", 16);
    Telemetry.OrganizationID[0] = 0xAB;
    Telemetry.TelemetryLength = sizeof(Log) - 1;
    Telemetry.DeviceTelemetry = Log;
    RtlZeroMemory(&Dump, sizeof(Dump));
    Dump.Version = sizeof(Dump);
    Dump.Size = sizeof(Dump);
    Dump.LiveDumpType = (STORPORT_CAPTURE_LIVEDUMP_TYPE)Answer->Value;
    Dump.IssueType = StorportLivedumpIssueTypeDevicePanic;
    Dump.ComponentName = (PWSTR)L"vault \"door\"";
    Dump.DataType = StorportLivedumpDataTypeDeviceTelemetryLog;
    Dump.Data = &Telemetry;
    Answer->Status = StorPortCaptureLiveDump(Adapter, (PSTOR_ADDRESS)&FirstUnit, &Dump);
    SrbSetSrbStatus(Srb, SRB_STATUS_SUCCESS);
    StorPortNotification(RequestComplete, Adapter, Srb);
}

static ULONG Telemetry(VAULT_ADAPTER *Adapter)
{
    STORPORT_TELEMETRY_EVENT Event;

    RtlZeroMemory(&Event, sizeof(Event));
    Event.EventId = 77;
    RtlCopyMemory(Event.EventName, "door", 5);
    return StorPortLogTelemetry(Adapter, NULL, &Event);
}

UCHAR VaultControl(VAULT_ADAPTER *Adapter, PSCSI_REQUEST_BLOCK Srb)
{
    PSRB_IO_CONTROL Header = (PSRB_IO_CONTROL)SrbGetDataBuffer(Srb);
    VAULT_REPORT_DATA *Data = (VAULT_REPORT_DATA *)(Header + 1);
    ULONG Value;

    if (SrbGetDataTransferLength(Srb) >= sizeof(*Header) &&
        RtlCompareMemory(Header->Signature, IOCTL_MINIPORT_SIGNATURE_FIRMWARE,
                         sizeof(Header->Signature)) == sizeof(Header->Signature)) {
        return VaultFirmware(Adapter, Srb);
    }
    if (SrbGetDataTransferLength(Srb) < sizeof(VAULT_REQUEST) ||
        RtlCompareMemory(Header->Signature, VAULT_SIGNATURE, sizeof(Header->Signature)) !=
            sizeof(Header->Signature)) {
        return SRB_STATUS_INVALID_REQUEST;
    }
    Value = Data->Value;
    RtlCopyMemory(Data, &Adapter->Report, sizeof(*Data));
    Data->Value = Value;
    switch (Header->ControlCode) {
    case VAULT_FAIL_KEYS:
        Adapter->FailKeys = (BOOLEAN)(Value != 0);
        break;
    case VAULT_LIVE_DUMP:
        Adapter->Dumping = Srb;
        return StorPortQueueWorkItem(Adapter, DumpNow, Adapter->Worker, NULL) == STOR_STATUS_SUCCESS
                   ? SRB_STATUS_PENDING
                   : SRB_STATUS_ERROR;
    case VAULT_TELEMETRY:
        Data->Status = Telemetry(Adapter);
        break;
    case VAULT_BUG_CHECK:
        StorPortNotification(BufferOverrunDetected, Adapter);
        break;
    default:
        break;
    }
    return SRB_STATUS_SUCCESS;
}
