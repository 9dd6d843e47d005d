/*
 * A physical miniport with planted defects, to prove that the host's checks find them.
 *
 * Rule: without a defect chosen it is correct, and each defect is one statement that a reader can
 * point at. It drives the scratch device, so that interrupts are real.
 */
#pragma once

#include <ntddk.h>
#include <storport.h>

#include "../../../miniports/common/memory_disk.h"
#include "../../../miniports/common/scsi_disk.h"

#define DRIVER_NAME "defects"
#define DEFECTS_TAG 'tfeD'

/* The values of Parameters\Device\Defect. */
typedef enum _DEFECT {
    DefectNone = 0,
    DefectPoolOverflow = 1,
    DefectExtensionAfterCompletion = 2,
    DefectDataRace = 3,
    DefectUndefinedShift = 4,
    DefectCount
} DEFECT;

typedef struct _DEFECTS_REQUEST {
    ULONG Marker;
    UCHAR Padding[60]; /* the sanitizers cannot mark less than 8 bytes */
} DEFECTS_REQUEST;

typedef struct _DEFECTS_ADAPTER {
    PUCHAR Registers;
    ULONG Defect;
    ULONG MessageCount; /* 0: the device interrupts by its line */
    BOOLEAN Created;
    BOOLEAN Removed; /* the adapter's PnP remove request has come: the next stop is the last */
    SCSI_DISK Disk;
    MEMORY_DISK Memory;
    ULONG Events;               /* DefectDataRace: counted by HwStartIo and the interrupt */
    volatile ULONG ShiftResult; /* DefectUndefinedShift: so that the shift is not dropped */
    DEFECTS_REQUEST *CompletedExtension; /* DefectExtensionAfterCompletion */
} DEFECTS_ADAPTER;

/*
 * The defects, each in a file of its own. They are called for every read, at DISPATCH_LEVEL in
 * HwStartIo: the extension one after the completion, the others before it.
 */
VOID PlantPoolOverflow(DEFECTS_ADAPTER *Adapter);
VOID PlantExtensionAfterCompletion(DEFECTS_ADAPTER *Adapter, DEFECTS_REQUEST *Extension);
VOID PlantDataRace(DEFECTS_ADAPTER *Adapter);
VOID PlantUndefinedShift(DEFECTS_ADAPTER *Adapter);

/* The interrupt routine's half of the data race. DIRQL. */
VOID CountInterrupt(DEFECTS_ADAPTER *Adapter);

static __inline ULONG ReadRegister(DEFECTS_ADAPTER *Adapter, ULONG Offset)
{
    return StorPortReadRegisterUlong(Adapter, (PULONG)(Adapter->Registers + Offset));
}

static __inline VOID WriteRegister(DEFECTS_ADAPTER *Adapter, ULONG Offset, ULONG Value)
{
    StorPortWriteRegisterUlong(Adapter, (PULONG)(Adapter->Registers + Offset), Value);
}

/* defects_io.c */
HW_STARTIO DefectsStartIo;
HW_INTERRUPT DefectsInterrupt;
HW_MESSAGE_SIGNALED_INTERRUPT_ROUTINE DefectsMessageInterrupt;
HW_RESET_BUS DefectsResetBus;
