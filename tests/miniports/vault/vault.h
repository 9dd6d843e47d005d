/*
 * A virtual miniport that encrypts, after a fashion: what it stores is the data, one over the other
 * with the key and the data unit's number. It announces what the registry has it announce.
 */
#pragma once

#include <ntddk.h>
#include <storport.h>

#include <ntddscsi.h>
#include <srbhelper.h>

#include "../../../miniports/common/memory_disk.h"
#include "../../../miniports/common/reply.h"
#include "../../../miniports/common/scsi_disk.h"
#include "../../../miniports/common/settings.h"
#include "vault_protocol.h"

typedef struct _VAULT_KEY {
    ULONG Length, DataUnitSize; /* Length 0: none */
    UCHAR Bytes[VAULT_KEY_BYTES];
} VAULT_KEY;

typedef struct _VAULT_ADAPTER {
    ULONG UnitCount;
    ULONG Keys;         /* announced; 0: no engine */
    ULONG RpmbBytes;    /* of the adapter; 0: none */
    ULONG UnitRpmb;     /* of unit 0 */
    ULONG NoControl;    /* ScsiAdapterCryptoOperation is not supported */
    ULONG Capabilities; /* 1 or 2 */
    ULONG Leaves;       /* VAULT_LEAVES_*: what it does not take back */
    BOOLEAN FailKeys, Created;
    SCSI_DISK Disks[VAULT_UNITS];
    MEMORY_DISK Memories[VAULT_UNITS];
    VAULT_KEY Key[VAULT_KEYS];
    VAULT_REPORT_DATA Report;
    PVOID Worker;
    KTIMER Timer;
    KDPC TimerDpc;
    PSCSI_REQUEST_BLOCK Dumping; /* the request that asked for a dump */
} VAULT_ADAPTER;

/* vault_io.c */
HW_STARTIO VaultStartIo;

/* vault_control.c */
HW_ADAPTER_CONTROL VaultAdapterControl;
HW_UNIT_CONTROL VaultUnitControl;
UCHAR VaultFirmware(VAULT_ADAPTER *Adapter, PSCSI_REQUEST_BLOCK Srb);
UCHAR VaultWriteBuffer(VAULT_ADAPTER *Adapter, PSCSI_REQUEST_BLOCK Srb);
UCHAR VaultControl(VAULT_ADAPTER *Adapter, PSCSI_REQUEST_BLOCK Srb);
VOID VaultAnnounce(VAULT_ADAPTER *Adapter);
VOID VaultAnnounceUnit(VAULT_ADAPTER *Adapter);
