/*
 * What the miniport `resources` records of what its device was given, and what it is asked to do:
 * shared with the test that loads it.
 */
#pragma once

#include <ntddk.h>
#include <storport.h>

#define RESOURCES_RANGES      64
#define RESOURCES_DESCRIPTORS 160
#define RESOURCES_MESSAGES    136
#define RESOURCES_CONFIG      256
#define RESOURCES_PROCESSORS  256

typedef struct _RESOURCES_LIST {
    ULONG Count; /* 0xFFFFFFFF: there was no list */
    CM_PARTIAL_RESOURCE_DESCRIPTOR Descriptors[RESOURCES_DESCRIPTORS];
} RESOURCES_LIST;

typedef struct _RESOURCES_RECORD {
    /* Written by the test. */
    ULONG Synchronization; /* INTERRUPT_SYNCHRONIZATION_MODE */
    BOOLEAN TakesMessages; /* HwMSInterruptRoutine */
    BOOLEAN RingsDoorbell; /* of the scratch device, in passive initialization */
    ULONG RingsMessages;   /* so many of them, each when the one before has come; 0: the first */
    ULONG PerfFlags;       /* asked for with the locality of all messages; 0: nothing is asked */
    VOID(NTAPI *InFindAdapter)(PVOID Extension, PPORT_CONFIGURATION_INFORMATION ConfigInfo);
    /* Written by the miniport. */
    PVOID HwContext, BusInformation;
    PORT_CONFIGURATION_INFORMATION Config; /* as FindAdapter was given it */
    ACCESS_RANGE Ranges[RESOURCES_RANGES];
    ULONG ConfigLength;
    UCHAR ConfigSpace[RESOURCES_CONFIG];
    RESOURCES_LIST Raw, Translated; /* of IRP_MN_START_DEVICE */
    ULONG MessageCount;             /* that StorPortGetMSIInfo has told of in HwInitialize */
    ULONG FirstStatus;              /* of message 0, and of the one behind the last */
    ULONG LastStatus;
    MESSAGE_INTERRUPT_INFORMATION Messages[RESOURCES_MESSAGES];
    volatile LONG Lines, MessageCalls; /* interrupts that have come to either routine */
    KIRQL InterruptIrql;
    /* Where message n came, plus one; as the performance options tell in HwInitialize; and the
     * message for each processor. */
    volatile LONG MessageProcessor[RESOURCES_MESSAGES];
    ULONG LocalityStatus, DeviceNode;
    GROUP_AFFINITY Targets[RESOURCES_MESSAGES];
    ULONG MessageOf[RESOURCES_PROCESSORS];
} RESOURCES_RECORD;
