/*
 * Checks of what a driver announces for others to use: replay-protected memory, encryption.
 */
#include "check.h"

/* Where unit 0 is there, and a request to it is in the driver's hands. */
#define REQUEST_PLACES                                                                             \
    (AT(BuildIo) | AT(StartIo) | AT(Interrupt) | AT(Message) | AT(Dpc) | AT(Timer) | AT(TimerEx) | \
     AT(WorkItem) | AT(Thread) | AT(Synchronized) | AT(InterruptLocked))

static STOR_RPMB_CAPABILITIES_DATA Rpmb(VOID)
{
    STOR_RPMB_CAPABILITIES_DATA Data;

    RtlZeroMemory(&Data, sizeof(Data));
    Data.Version = STOR_RPMB_VERSION_1;
    Data.Size = sizeof(Data);
    Data.RpmbSize = 4096;
    Data.MaxReliableRpmbWriteSize = 512;
    Data.FrameFormat = StorRpmbFrameTypeStandard;
    return Data;
}

CHECK(StorPortInitializeRpmb, EVERYWHERE)
{
    STOR_RPMB_CAPABILITIES_DATA Data = Rpmb();

    EXPECT_STATUS(StorPortInitializeRpmb(Context->Extension, NULL, &Data), STOR_STATUS_SUCCESS);
    EXPECT_STATUS(StorPortInitializeRpmb(Context->Extension, NULL, NULL),
                  STOR_STATUS_INVALID_PARAMETER);
    Data.Version = STOR_RPMB_VERSION_1 + 1;
    EXPECT_STATUS(StorPortInitializeRpmb(Context->Extension, NULL, &Data),
                  STOR_STATUS_UNSUPPORTED_VERSION);
    Data = Rpmb();
    Data.Size = sizeof(Data) - 1;
    EXPECT_STATUS(StorPortInitializeRpmb(Context->Extension, NULL, &Data),
                  STOR_STATUS_INVALID_PARAMETER);
    Data = Rpmb();
    Data.RpmbSize = 0;
    EXPECT_STATUS(StorPortInitializeRpmb(Context->Extension, NULL, &Data),
                  STOR_STATUS_INVALID_PARAMETER);
    Data = Rpmb();
    Data.MaxReliableRpmbWriteSize = 0;
    EXPECT_STATUS(StorPortInitializeRpmb(Context->Extension, NULL, &Data),
                  STOR_STATUS_INVALID_PARAMETER);
    Data.MaxReliableRpmbWriteSize = Data.RpmbSize + 1;
    EXPECT_STATUS(StorPortInitializeRpmb(Context->Extension, NULL, &Data),
                  STOR_STATUS_INVALID_PARAMETER);
    Data = Rpmb();
    Data.FrameFormat = StorRpmbFrameTypeUnknown;
    EXPECT_STATUS(StorPortInitializeRpmb(Context->Extension, NULL, &Data),
                  STOR_STATUS_INVALID_PARAMETER);
    Data.FrameFormat = StorRpmbFrameTypeMax;
    EXPECT_STATUS(StorPortInitializeRpmb(Context->Extension, NULL, &Data),
                  STOR_STATUS_INVALID_PARAMETER);
}

CHECK_ALSO(StorPortInitializeRpmb, of_a_unit, REQUEST_PLACES)
{
    STOR_RPMB_CAPABILITIES_DATA Data = Rpmb();
    STOR_ADDR_BTL8 Unit = {.Type = STOR_ADDRESS_TYPE_BTL8,
                           .AddressLength = STOR_ADDR_BTL8_ADDRESS_LENGTH};

    EXPECT_STATUS(StorPortInitializeRpmb(Context->Extension, (PSTOR_ADDRESS)&Unit, &Data),
                  STOR_STATUS_SUCCESS);
    Unit.Lun = 200;
    EXPECT_STATUS(StorPortInitializeRpmb(Context->Extension, (PSTOR_ADDRESS)&Unit, &Data),
                  STOR_STATUS_INVALID_PARAMETER);
    Unit.Lun = 0;
    Unit.Type = STOR_ADDRESS_TYPE_UNKNOWN;
    EXPECT_STATUS(StorPortInitializeRpmb(Context->Extension, (PSTOR_ADDRESS)&Unit, &Data),
                  STOR_STATUS_INVALID_PARAMETER);
}

/* ---- encryption ---- */

typedef struct _ENGINE {
    STOR_CRYPTO_CAPABILITIES_DATA Data;
    STOR_CRYPTO_CAPABILITY More[256];
} ENGINE;

static VOID EngineFill(ENGINE *Engine, ULONG Capabilities)
{
    STOR_CRYPTO_CAPABILITY *Capability = Engine->Data.CryptoCapabilities;

    RtlZeroMemory(Engine, sizeof(*Engine));
    Engine->Data.Version = STOR_CRYPTO_CAPABILITIES_DATA_VERSION_1;
    Engine->Data.Size = FIELD_OFFSET(STOR_CRYPTO_CAPABILITIES_DATA, CryptoCapabilities) +
                        Capabilities * sizeof(*Capability);
    Engine->Data.NumKeysSupported = 32;
    Engine->Data.NumCryptoCapabilities = (USHORT)Capabilities;
    for (ULONG i = 0; i < Capabilities; i++) {
        Capability[i].Version = STOR_CRYPTO_CAPABILITY_VERSION_1;
        Capability[i].Size = sizeof(Capability[i]);
        Capability[i].CryptoCapabilityIndex = (USHORT)i;
        Capability[i].DataUnitSizeBitmask = 1;
        Capability[i].AlgorithmId = StorCryptoAlgorithmXTSAES;
        Capability[i].KeySize = StorCryptoKeySize256Bits;
    }
}

static ENGINE Engine; /* too large for a driver's stack */

#define EXPECT_ENGINE(Status)                                                                      \
    EXPECT_STATUS(StorPortInitializeCryptoEngine(Context->Extension, &Engine.Data), Status)
/* What the second capability may not be. */
#define EXPECT_NO_CAPABILITY(Member, Value)                                                        \
    do {                                                                                           \
        EngineFill(&Engine, 2);                                                                    \
        Engine.More[0].Member = (Value);                                                           \
        EXPECT_ENGINE(STOR_STATUS_INVALID_PARAMETER);                                              \
    } while (0)

CHECK(StorPortInitializeCryptoEngine, EVERYWHERE)
{
    EngineFill(&Engine, 2);
    EXPECT_ENGINE(STOR_STATUS_SUCCESS);
    EXPECT_ENGINE(STOR_STATUS_SUCCESS); /* as after each restart */
    EngineFill(&Engine, 256);
    EXPECT_ENGINE(STOR_STATUS_SUCCESS);
    EngineFill(&Engine, 257);
    EXPECT_ENGINE(STOR_STATUS_INVALID_PARAMETER);
    EXPECT_STATUS(StorPortInitializeCryptoEngine(Context->Extension, NULL),
                  STOR_STATUS_INVALID_PARAMETER);
    EngineFill(&Engine, 2);
    Engine.Data.Version = 2;
    EXPECT_ENGINE(STOR_STATUS_UNSUPPORTED_VERSION);
    EngineFill(&Engine, 2);
    Engine.Data.Size--;
    EXPECT_ENGINE(STOR_STATUS_INVALID_PARAMETER);
    EngineFill(&Engine, 0);
    EXPECT_ENGINE(STOR_STATUS_INVALID_PARAMETER);
    EngineFill(&Engine, 2);
    Engine.Data.NumKeysSupported = 0;
    EXPECT_ENGINE(STOR_STATUS_INVALID_PARAMETER);
    EXPECT_NO_CAPABILITY(Version, 2);
    EXPECT_NO_CAPABILITY(Size, sizeof(STOR_CRYPTO_CAPABILITY) - 1);
    EXPECT_NO_CAPABILITY(CryptoCapabilityIndex, 0); /* the first one's */
    EXPECT_NO_CAPABILITY(DataUnitSizeBitmask, 0);
    EXPECT_NO_CAPABILITY(AlgorithmId, StorCryptoAlgorithmUnknown);
    EXPECT_NO_CAPABILITY(AlgorithmId, StorCryptoAlgorithmMax);
    EXPECT_NO_CAPABILITY(KeySize, StorCryptoKeySizeUnknown);
    EXPECT_NO_CAPABILITY(KeySize, StorCryptoKeySizeMax);
}

CHECK(StorPortGetRequestCryptoInfo, REQUEST_PLACES)
{
    STOR_CRYPTO_KEY_INFO Info = {.Version = STOR_CRYPTO_KEY_INFO_VERSION_1,
                                 .Size = sizeof(Info),
                                 .KeyIndex = 77,
                                 .Tweak = 78};

    /* Its unit has no key. */
    EXPECT_STATUS(StorPortGetRequestCryptoInfo(Context->Extension, Context->Srb, &Info),
                  STOR_STATUS_UNSUCCESSFUL);
    EXPECT_EQUAL(Info.KeyIndex, 77);
    EXPECT_EQUAL(Info.Tweak, 78);
    EXPECT_STATUS(StorPortGetRequestCryptoInfo(Context->Extension, NULL, &Info),
                  STOR_STATUS_INVALID_PARAMETER);
    EXPECT_STATUS(
        StorPortGetRequestCryptoInfo(Context->Extension, (PSCSI_REQUEST_BLOCK)Context, &Info),
        STOR_STATUS_INVALID_PARAMETER);
    EXPECT_STATUS(StorPortGetRequestCryptoInfo(Context->Extension, Context->Srb, NULL),
                  STOR_STATUS_INVALID_PARAMETER);
    Info.Size = sizeof(Info) - 1;
    EXPECT_STATUS(StorPortGetRequestCryptoInfo(Context->Extension, Context->Srb, &Info),
                  STOR_STATUS_INVALID_PARAMETER);
    Info.Version = 2;
    EXPECT_STATUS(StorPortGetRequestCryptoInfo(Context->Extension, Context->Srb, &Info),
                  STOR_STATUS_UNSUPPORTED_VERSION);
}

/* ---- dumps of the running machine ---- */

CHECK(StorPortCaptureLiveDump, EVERYWHERE)
{
    static UCHAR Bytes[4];
    STORPORT_LIVEDUMP_DEVICE_TELEMETRY_LOG Log;
    STORPORT_CAPTURE_LIVEDUMP Dump, Good;
    STOR_ADDR_BTL8 Nobody = {
        .Type = STOR_ADDRESS_TYPE_BTL8, .AddressLength = STOR_ADDR_BTL8_ADDRESS_LENGTH, .Lun = 200};

    RtlZeroMemory(&Log, sizeof(Log));
    Log.Version = sizeof(Log);
    Log.Size = sizeof(Log) + sizeof(Bytes);
    RtlFillMemory(Log.BucketId, sizeof(Log.BucketId), 'b'); /* without an end */
    Log.TelemetryLength = sizeof(Bytes);
    Log.DeviceTelemetry = Bytes;
    RtlZeroMemory(&Dump, sizeof(Dump));
    Dump.Version = sizeof(Dump);
    Dump.Size = sizeof(Dump);
    Dump.LiveDumpType = StorportCaptureLiveDumpTypeMini;
    Dump.IssueType = StorportLivedumpIssueTypeDevicePanic;
    Dump.ComponentName = (PWSTR)L"check";
    Dump.DataType = StorportLivedumpDataTypeDeviceTelemetryLog;
    Dump.Data = &Log;
    Good = Dump;
    /* This machine has no place for dumps. */
    if (Context->Irql == PASSIVE_LEVEL) {
        EXPECT_STATUS(StorPortCaptureLiveDump(Context->Extension, NULL, &Dump),
                      STOR_STATUS_UNSUCCESSFUL);
        EXPECT(CheckReported(Context, "live dump of check (device panic): give --dumps"));
    } else {
        EXPECT_FINDING(EXPECT_STATUS(StorPortCaptureLiveDump(Context->Extension, NULL, &Dump),
                                     STOR_STATUS_UNSUCCESSFUL));
    }
#define EXPECT_ILLEGAL()                                                                           \
    EXPECT_STATUS(StorPortCaptureLiveDump(Context->Extension, NULL, &Dump),                        \
                  STOR_STATUS_INVALID_PARAMETER);                                                  \
    Dump = Good
    Dump.Version--;
    EXPECT_ILLEGAL();
    Dump.Size--;
    EXPECT_ILLEGAL();
    Dump.LiveDumpType = StorportCaptureLiveDumpTypeUndefined;
    EXPECT_ILLEGAL();
    Dump.LiveDumpType = (STORPORT_CAPTURE_LIVEDUMP_TYPE)3;
    EXPECT_ILLEGAL();
    Dump.IssueType = StorportLivedumpIssueTypeUndefined;
    EXPECT_ILLEGAL();
    Dump.ComponentName = NULL;
    EXPECT_ILLEGAL();
    Dump.DataType = StorportLivedumpDataTypeUndefined;
    EXPECT_ILLEGAL();
    Dump.Data = NULL;
    EXPECT_ILLEGAL();
    Log.DeviceTelemetry = NULL;
    EXPECT_ILLEGAL();
    Log.TelemetryLength = 0;
    Log.DeviceTelemetry = Bytes;
    EXPECT_ILLEGAL();
    Log.DeviceTelemetry = NULL;
    Log.Version--;
    EXPECT_ILLEGAL();
#undef EXPECT_ILLEGAL
    EXPECT_STATUS(StorPortCaptureLiveDump(Context->Extension, NULL, NULL),
                  STOR_STATUS_INVALID_PARAMETER);
    Log.Version++;
    EXPECT_STATUS(StorPortCaptureLiveDump(Context->Extension, (PSTOR_ADDRESS)&Nobody, &Dump),
                  STOR_STATUS_INVALID_PARAMETER);
}
