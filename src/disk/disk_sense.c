/*
 * disk_sense.c - tables from SRB status, SCSI status and sense data to a verdict.
 *
 * Rule: nothing is guessed to be success. What a table does not know is -EIO.
 */
#include "disk/disk_sense.h"

#include "port/port.h"

#include <errno.h>

/* SRB status values (storport.h of the kit); low six bits, as the port hands them up. */
enum {
    SRB_SUCCESS = 0x01,
    SRB_ABORTED = 0x02,
    SRB_ERROR = 0x04,
    SRB_BUSY = 0x05,
    SRB_INVALID_REQUEST = 0x06,
    SRB_INVALID_PATH = 0x07,
    SRB_NO_DEVICE = 0x08,
    SRB_TIMEOUT = 0x09,
    SRB_SELECTION_TIMEOUT = 0x0A,
    SRB_COMMAND_TIMEOUT = 0x0B,
    SRB_BUS_RESET = 0x0E,
    SRB_PARITY = 0x0F,
    SRB_NO_HBA = 0x11,
    SRB_DATA_OVERRUN = 0x12,
    SRB_UNEXPECTED_BUS_FREE = 0x13,
    SRB_PHASE_SEQUENCE = 0x14,
    SRB_REQUEST_FLUSHED = 0x16,
    SRB_INVALID_LUN = 0x20,
    SRB_INVALID_TARGET = 0x21,
    SRB_BAD_FUNCTION = 0x22,
    SRB_NOT_POWERED = 0x24,
    SRB_LINK_DOWN = 0x25,
};

enum {
    SCSI_GOOD = 0x00,
    SCSI_CHECK_CONDITION = 0x02,
    SCSI_CONDITION_MET = 0x04,
    SCSI_BUSY = 0x08,
    SCSI_COMMAND_TERMINATED = 0x22,
    SCSI_TASK_SET_FULL = 0x28,
    SCSI_TASK_ABORTED = 0x40,
};

enum {
    KEY_NONE = 0x0,
    KEY_RECOVERED = 0x1,
    KEY_NOT_READY = 0x2,
    KEY_ILLEGAL_REQUEST = 0x5,
    KEY_UNIT_ATTENTION = 0x6,
    KEY_DATA_PROTECT = 0x7,
    KEY_ABORTED = 0xB,
    KEY_VOLUME_OVERFLOW = 0xD,
    KEY_COMPLETED = 0xF,
};

bool disk_sense_decode(const uint8_t *sense, size_t length, struct disk_sense *ret_sense)
{
    if (sense == NULL || length < 3)
        return false;
    uint8_t format = sense[0] & 0x7F;
    if (format == 0x70 || format == 0x71) {
        /* Byte 7 says how many bytes follow it; a device may send fewer than 14 in all. */
        bool has_code = length >= 14 && sense[7] >= 6;
        ret_sense->key = sense[2] & 0x0F;
        ret_sense->asc = has_code ? sense[12] : 0;
        ret_sense->ascq = has_code ? sense[13] : 0;
        ret_sense->deferred = format == 0x71;
        return true;
    }
    if (format == 0x72 || format == 0x73) {
        ret_sense->key = sense[1] & 0x0F;
        ret_sense->asc = sense[2];
        ret_sense->ascq = length >= 4 ? sense[3] : 0;
        ret_sense->deferred = format == 0x73;
        return true;
    }
    return false;
}

static struct disk_judgement judged(enum disk_verdict verdict, int error)
{
    return (struct disk_judgement){.verdict = verdict, .error = error};
}

static struct disk_judgement judge_not_ready(const struct disk_sense *sense)
{
    /* 04/01 becoming ready, 04/04 format under way, 04/0A asymmetric access transition,
     * 04/1B sanitize: only the short ones are worth waiting for. */
    if (sense->asc == 0x04 && (sense->ascq == 0x01 || sense->ascq == 0x0A))
        return judged(DISK_RETRY_LATER, -EIO);
    struct disk_judgement judgement = judged(DISK_FAILED, -EIO);
    judgement.needs_start = sense->asc == 0x04 && sense->ascq == 0x02;
    judgement.no_medium = sense->asc == 0x3A;
    if (judgement.no_medium)
        judgement.error = -ENOMEDIUM;
    return judgement;
}

static struct disk_judgement judge_illegal_request(const struct disk_sense *sense)
{
    switch (sense->asc) {
    case 0x20: /* invalid operation code */
    case 0x24: /* invalid field in the CDB */
    case 0x26: /* invalid field in the parameter list */
        return judged(DISK_FAILED, -EOPNOTSUPP);
    case 0x21: /* block address out of range */
        return judged(DISK_FAILED, -EINVAL);
    case 0x25: /* logical unit not supported */
        return judged(DISK_FAILED, -ENODEV);
    default:
        return judged(DISK_FAILED, -EIO);
    }
}

static struct disk_judgement judge_unit_attention(const struct disk_sense *sense)
{
    struct disk_judgement judgement = judged(DISK_RETRY, -EIO);
    /* 29/xx: powered on, reset, nexus lost. A reset keeps a cache, but many devices report every
     * kind as 29/00, and an unneeded error is better than a silent loss. */
    if (sense->asc == 0x29)
        judgement.cache = sense->ascq == 0x01 ? DISK_CACHE_LOST : DISK_CACHE_LOST_UNLESS_RESET;
    /* 2A/xx: parameters or capacity changed; 28/00: medium may have changed; 3F/0E: units changed.
     */
    judgement.geometry_changed = sense->asc == 0x2A || sense->asc == 0x28;
    return judgement;
}

static struct disk_judgement judge_sense(const struct disk_sense *sense)
{
    if (sense->deferred) {
        /* The command that the sense is about was acknowledged; this one was not executed. */
        struct disk_judgement judgement = judged(DISK_RETRY, -EIO);
        judgement.cache = DISK_CACHE_LOST;
        return judgement;
    }
    switch (sense->key) {
    case KEY_NONE:
    case KEY_RECOVERED:
    case KEY_COMPLETED:
        return judged(DISK_DONE, 0);
    case KEY_NOT_READY:
        return judge_not_ready(sense);
    case KEY_ILLEGAL_REQUEST:
        return judge_illegal_request(sense);
    case KEY_UNIT_ATTENTION:
        return judge_unit_attention(sense);
    case KEY_DATA_PROTECT:
        /* 27/07 is thin provisioning that ran out of room. */
        return judged(DISK_FAILED, sense->asc == 0x27 && sense->ascq == 0x07 ? -ENOSPC : -EROFS);
    case KEY_ABORTED:
        /* 10/xx: protection information does not match; the data would be wrong again. */
        return judged(sense->asc == 0x10 ? DISK_FAILED : DISK_RETRY, -EIO);
    case KEY_VOLUME_OVERFLOW:
        return judged(DISK_FAILED, -ENOSPC);
    default:
        return judged(DISK_FAILED, -EIO);
    }
}

static struct disk_judgement judge_port_status(uint8_t status, uint8_t srb_status)
{
    struct disk_judgement judgement = judged(DISK_FAILED, -EIO);
    switch (status) {
    case PORT_NO_DEVICE:
        judgement.error = -ENODEV;
        break;
    case PORT_CANCELLED:
        /* Somebody flushed the unit's queue or aborted the request; else the adapter stops. */
        if (srb_status != SRB_REQUEST_FLUSHED && srb_status != SRB_ABORTED)
            judgement.error = -ENODEV;
        break;
    case PORT_TIMED_OUT:
        judgement.verdict = DISK_RETRY_ONCE;
        judgement.error = -ETIMEDOUT;
        break;
    case PORT_NO_MEMORY:
        judgement.error = -ENOMEM;
        break;
    default:
        break;
    }
    return judgement;
}

static struct disk_judgement judge_srb_status(uint8_t status)
{
    struct disk_judgement judgement = judged(DISK_FAILED, -EIO);
    switch (status) {
    case SRB_ERROR: /* with good SCSI status: the driver knows no better reason */
    case SRB_ABORTED:
    case SRB_PARITY:
    case SRB_UNEXPECTED_BUS_FREE:
    case SRB_PHASE_SEQUENCE:
    case SRB_REQUEST_FLUSHED:
        judgement.verdict = DISK_RETRY;
        break;
    case SRB_BUS_RESET:
        judgement.verdict = DISK_RETRY_SETTLED;
        break;
    case SRB_BUSY:
    case SRB_LINK_DOWN:
    case SRB_NOT_POWERED:
        judgement.verdict = DISK_RETRY_LATER;
        break;
    case SRB_TIMEOUT:
    case SRB_COMMAND_TIMEOUT:
        judgement.verdict = DISK_RETRY_ONCE;
        judgement.error = -ETIMEDOUT;
        break;
    case SRB_NO_DEVICE:
    case SRB_NO_HBA:
    case SRB_INVALID_PATH:
    case SRB_INVALID_LUN:
    case SRB_INVALID_TARGET:
    case SRB_SELECTION_TIMEOUT:
        judgement.error = -ENODEV;
        break;
    case SRB_INVALID_REQUEST:
    case SRB_BAD_FUNCTION:
        judgement.error = -EOPNOTSUPP;
        break;
    default:
        break;
    }
    return judgement;
}

static struct disk_judgement judge_scsi_status(const struct port_request *request)
{
    struct disk_sense sense;

    switch (request->scsi_status) {
    case SCSI_CHECK_CONDITION:
    case SCSI_COMMAND_TERMINATED:
        if (disk_sense_decode(request->sense, request->sense_length, &sense))
            return judge_sense(&sense);
        /* A check condition without sense says nothing; the next try may say more. */
        return judged(DISK_RETRY, -EIO);
    case SCSI_BUSY:
    case SCSI_TASK_SET_FULL:
        return judged(DISK_RETRY_LATER, -EIO);
    case SCSI_TASK_ABORTED:
        return judged(DISK_RETRY, -EIO);
    default:
        return judged(DISK_FAILED, -EIO);
    }
}

struct disk_judgement disk_judge(const struct port_request *request, bool short_is_done)
{
    struct disk_judgement judgement;

    if (request->status != PORT_OK)
        return judge_port_status(request->status, request->srb_status);
    bool good = request->scsi_status == SCSI_GOOD || request->scsi_status == SCSI_CONDITION_MET;
    if (good && request->srb_status == SRB_SUCCESS)
        judgement = judged(DISK_DONE, 0);
    else if (good && request->srb_status == SRB_DATA_OVERRUN)
        judgement = judged(DISK_DONE, 0);
    else if (good)
        return judge_srb_status(request->srb_status);
    else
        judgement = judge_scsi_status(request);
    /* A short answer to a read or write is data that nobody moved. */
    if (judgement.verdict == DISK_DONE && !short_is_done && request->transferred < request->length)
        return judged(DISK_FAILED, -EIO);
    return judgement;
}
