/*
 * What a test asks the vault for: control codes of IOCTL_SCSI_MINIPORT, and the record that they
 * return. Plain types, because programs that know no driver's headers use it, too.
 */
#ifndef VAULT_PROTOCOL_H
#define VAULT_PROTOCOL_H

#define VAULT_SIGNATURE "VAULT   "

#define VAULT_REPORT    1 /* nothing else */
#define VAULT_FAIL_KEYS 2 /* Value: keys are refused from now on */
#define VAULT_LIVE_DUMP 3 /* Value: the type of dump; Status is its result */
#define VAULT_TELEMETRY 4 /* Status is its result */
#define VAULT_BUG_CHECK 5 /* a buffer overrun is told */

/* What the setting Leaves has it leave behind. */
#define VAULT_LEAVES_TIMER         1 /* in its device extension */
#define VAULT_LEAVES_VARIABLE      2 /* a timer that is a variable */
#define VAULT_LEAVES_ROUTINE       3 /* a timer in pool, with a DPC there: but its routine */
#define VAULT_LEAVES_REGISTRATION  4 /* of events */
#define VAULT_LEAVES_SYSTEM_TIMER  5 /* one that the system allocated */
#define VAULT_LEAVES_DELETED_TIMER 6 /* and one that is to be deleted when it has expired */

#define VAULT_UNITS     4
#define VAULT_KEYS      4
#define VAULT_KEY_BYTES 64

typedef struct _VAULT_REPORT_DATA {
    unsigned int Value; /* of the request */
    unsigned int Status;
    unsigned int Insertions;
    unsigned int InsertIrql; /* the highest */
    unsigned int Index, Capability, DataUnitBitmask, KeySize;
    unsigned int Problems;         /* insertions whose record was not as it should be */
    unsigned int Encrypted, Plain; /* reads and writes */
    unsigned int Key;              /* of the last encrypted one */
    /* Of the last piece of firmware, and what was activated; Way: 1 WRITE BUFFER, 2 "FIRMWARE". */
    unsigned int FirmwareSlot, FirmwareOffset, FirmwareBytes, FirmwareFirst, Activated, Way;
    unsigned int Machine; /* bit 0: an upgrade; 1: may be reprovisioned; 2: may encrypt */
    unsigned int Tweak;   /* its low half: nothing here is aligned to more */
} VAULT_REPORT_DATA;

/* An SRB_IO_CONTROL, as ntddscsi.h lays it out, and what follows it. */
typedef struct _VAULT_REQUEST {
    unsigned int HeaderLength;
    unsigned char Signature[8];
    unsigned int Timeout, ControlCode, ReturnCode, Length;
    VAULT_REPORT_DATA Data;
} VAULT_REQUEST;

#endif
