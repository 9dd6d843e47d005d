/*
 * LOG SENSE: the temperature and informational-exceptions pages from the health log, and the end of
 * every SCSI command that needed an admin command.
 *
 * Rule: a page that depends on the device is built when the device has answered, from that answer;
 * nothing is invented for it before.
 */
#include "scsi_translate.h"

#define CDB_SAVE_PARAMETERS 0x01

#define LOG_HEADER_LENGTH         4
#define TEMPERATURE_PAGE_LENGTH   16
#define EXCEPTIONS_PAGE_LENGTH    12
#define HEALTH_LOG_BYTES          512
#define LOG_PARAMETER_BINARY_LIST 0x03

#define TEMPERATURE_UNKNOWN 0xFF
#define KELVIN_OF_ZERO      273

static UCHAR Celsius(USHORT Kelvin)
{
    if (Kelvin == 0) {
        return TEMPERATURE_UNKNOWN;
    }
    if (Kelvin < KELVIN_OF_ZERO) {
        return 0; /* The field cannot say less than zero degrees. */
    }
    if (Kelvin - KELVIN_OF_ZERO >= TEMPERATURE_UNKNOWN) {
        return TEMPERATURE_UNKNOWN - 1;
    }
    return (UCHAR)(Kelvin - KELVIN_OF_ZERO);
}

static SCSI_OUTCOME SupportedLogPages(PSCSI_COMMAND Command, ULONG Allocation)
{
    static const UCHAR reply[] = {LOG_PAGE_CODE_SUPPORTED_LOG_PAGES,
                                  0,
                                  0,
                                  3,
                                  LOG_PAGE_CODE_SUPPORTED_LOG_PAGES,
                                  LOG_PAGE_CODE_TEMPERATURE,
                                  LOG_PAGE_CODE_INFORMATIONAL_EXCEPTIONS};

    return ScsiReply(Command, reply, sizeof(reply), Allocation);
}

SCSI_OUTCOME ScsiLogSense(PSCSI_COMMAND Command, PNVME_UNIT Unit)
{
    UCHAR code = Command->Cdb[2] & 0x3F;
    ULONG allocation = ScsiGet16(&Command->Cdb[7]);

    UNREFERENCED_PARAMETER(Unit);
    if ((Command->Cdb[1] & CDB_SAVE_PARAMETERS) || Command->Cdb[3] != 0 ||
        ScsiGet16(&Command->Cdb[5]) != 0) {
        return ScsiFailField(Command);
    }
    switch (code) {
    case LOG_PAGE_CODE_SUPPORTED_LOG_PAGES:
        return SupportedLogPages(Command, allocation);
    case LOG_PAGE_CODE_TEMPERATURE:
        Command->AdminReply = ScsiAdminReplyTemperature;
        break;
    case LOG_PAGE_CODE_INFORMATIONAL_EXCEPTIONS:
        Command->AdminReply = ScsiAdminReplyExceptions;
        break;
    default:
        return ScsiFailField(Command);
    }
    RtlZeroMemory(Command->Nvme, sizeof(*Command->Nvme));
    Command->Nvme->CDW0.OPC = NVME_ADMIN_COMMAND_GET_LOG_PAGE;
    Command->Nvme->NSID = NVME_NAMESPACE_ALL;
    Command->Nvme->u.GETLOGPAGE.CDW10.LID = NVME_LOG_PAGE_HEALTH_INFO;
    Command->Nvme->u.GETLOGPAGE.CDW10.NUMD = HEALTH_LOG_BYTES / sizeof(ULONG) - 1;
    Command->AdminArgument = allocation;
    Command->DataPlace = ScsiDataScratch;
    Command->TransferLength = HEALTH_LOG_BYTES;
    return ScsiOutcomeAdmin;
}

static VOID ReplyTemperature(PSCSI_COMMAND Command, const NVME_HEALTH_INFO_LOG *Health)
{
    USHORT kelvin = (USHORT)(Health->Temperature[0] | (Health->Temperature[1] << 8));
    UCHAR reply[TEMPERATURE_PAGE_LENGTH];

    RtlZeroMemory(reply, sizeof(reply));
    reply[0] = LOG_PAGE_CODE_TEMPERATURE;
    ScsiPut16(&reply[2], TEMPERATURE_PAGE_LENGTH - LOG_HEADER_LENGTH);
    reply[6] = LOG_PARAMETER_BINARY_LIST; /* Parameter 0: the temperature. */
    reply[7] = 2;
    reply[9] = Celsius(kelvin);
    ScsiPut16(&reply[10], 1); /* Parameter 1: the reference temperature. */
    reply[12] = LOG_PARAMETER_BINARY_LIST;
    reply[13] = 2;
    reply[15] = Celsius(Command->Target->Identity.WarningKelvin);
    ScsiReply(Command, reply, sizeof(reply), Command->AdminArgument);
}

static VOID ReplyExceptions(PSCSI_COMMAND Command, const NVME_HEALTH_INFO_LOG *Health)
{
    USHORT kelvin = (USHORT)(Health->Temperature[0] | (Health->Temperature[1] << 8));
    UCHAR warning = Health->CriticalWarning.AsUchar;
    UCHAR reply[EXCEPTIONS_PAGE_LENGTH];

    RtlZeroMemory(reply, sizeof(reply));
    reply[0] = LOG_PAGE_CODE_INFORMATIONAL_EXCEPTIONS;
    ScsiPut16(&reply[2], EXCEPTIONS_PAGE_LENGTH - LOG_HEADER_LENGTH);
    reply[6] = LOG_PARAMETER_BINARY_LIST;
    reply[7] = 4;
    if (Health->CriticalWarning.TemperatureThreshold) {
        reply[8] = SCSI_ADSENSE_WARNING;
        reply[9] = 0x01; /* The specified temperature is exceeded. */
    } else if (warning != 0) {
        reply[8] = SCSI_ADSENSE_FAILURE_PREDICTION_THRESHOLD_EXCEEDED;
    }
    reply[10] = Celsius(kelvin);
    ScsiReply(Command, reply, sizeof(reply), Command->AdminArgument);
}

VOID ScsiFinishAdmin(PSCSI_COMMAND Command)
{
    const NVME_HEALTH_INFO_LOG *health = (const NVME_HEALTH_INFO_LOG *)(PVOID)Command->Scratch;

    switch (Command->AdminReply) {
    case ScsiAdminReplyTemperature:
        ReplyTemperature(Command, health);
        break;
    case ScsiAdminReplyExceptions:
        ReplyExceptions(Command, health);
        break;
    case ScsiAdminReplyWriteCache:
        Command->Target->Identity.WriteCacheEnabled = Command->AdminArgument != 0;
        Command->ScsiStatus = SCSISTAT_GOOD;
        break;
    case ScsiAdminReplyNone:
        Command->ScsiStatus = SCSISTAT_GOOD;
        break;
    }
}
