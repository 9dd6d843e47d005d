/*
 * The registers of an NVM Express controller (BAR 0), as a miniport maps them. Every register has
 * its own union: bit-fields for reading, AsUlong or AsUlonglong for the one access that the device
 * sees. Names and offsets are those of nvme.h in the driver kit and of the NVM Express base
 * specification.
 */
#ifndef WDK_NVME_REGISTERS_H
#define WDK_NVME_REGISTERS_H

#include "../ntdef.h"

/* Version that the controller implements, in the VS register and in identify data. */
typedef union {
    struct {
        ULONG TER : 8;  /* tertiary */
        ULONG MNR : 8;  /* minor */
        ULONG MJR : 16; /* major */
    };
    ULONG AsUlong;
} NVME_VERSION, *PNVME_VERSION;

/* CAP, offset 0x00. Read-only facts that a driver needs before it enables the controller. */
typedef union {
    struct {
        ULONGLONG MQES : 16; /* largest queue, in entries, less one */
        ULONGLONG CQR : 1;   /* queues must be physically contiguous */
        ULONGLONG AMS_WeightedRoundRobinWithUrgent : 1;
        ULONGLONG AMS_VendorSpecific : 1;
        ULONGLONG Reserved0 : 5;
        ULONGLONG TO : 8;      /* longest time to wait for CSTS.RDY, in 500 ms */
        ULONGLONG DSTRD : 4;   /* doorbells are 4 << DSTRD bytes apart */
        ULONGLONG NSSRS : 1;   /* NSSR works */
        ULONGLONG CSS_NVM : 1; /* the NVM command set */
        ULONGLONG CSS_Reserved0 : 1;
        ULONGLONG CSS_Reserved1 : 1;
        ULONGLONG CSS_Reserved2 : 1;
        ULONGLONG CSS_Reserved3 : 1;
        ULONGLONG CSS_Reserved4 : 1;
        ULONGLONG CSS_MultipleIo : 1; /* more than one I/O command set */
        ULONGLONG CSS_AdminOnly : 1;  /* no I/O command set */
        ULONGLONG Reserved2 : 3;
        ULONGLONG MPSMIN : 4; /* smallest host page is 4096 << MPSMIN bytes */
        ULONGLONG MPSMAX : 4; /* largest host page is 4096 << MPSMAX bytes */
        ULONGLONG Reserved3 : 8;
    };
    ULONGLONG AsUlonglong;
} NVME_CONTROLLER_CAPABILITIES, *PNVME_CONTROLLER_CAPABILITIES;

/* Arbitration between submission queues, for CC.AMS. */
typedef enum {
    NVME_AMS_ROUND_ROBIN = 0,
    NVME_AMS_WEIGHTED_ROUND_ROBIN_URGENT = 1,
} NVME_AMS_OPTION;

/* What CC.SHN announces. */
typedef enum {
    NVME_CC_SHN_NO_NOTIFICATION = 0,
    NVME_CC_SHN_NORMAL_SHUTDOWN = 1,
    NVME_CC_SHN_ABRUPT_SHUTDOWN = 2,
} NVME_CC_SHN_SHUTDOWN_NOTIFICATIONS;

/* Command sets to enable, for CC.CSS. */
typedef enum {
    NVME_CSS_NVM_COMMAND_SET = 0,
    NVME_CSS_ALL_SUPPORTED_IO_COMMAND_SET = 6,
    NVME_CSS_ADMIN_COMMAND_SET_ONLY = 7,
} NVME_CSS_COMMAND_SETS;

/* CC, offset 0x14. */
typedef union {
    struct {
        ULONG EN : 1; /* enable; cleared, it resets the controller */
        ULONG Reserved0 : 3;
        ULONG CSS : 3;    /* NVME_CSS_COMMAND_SETS */
        ULONG MPS : 4;    /* host page is 4096 << MPS bytes */
        ULONG AMS : 3;    /* NVME_AMS_OPTION */
        ULONG SHN : 2;    /* NVME_CC_SHN_SHUTDOWN_NOTIFICATIONS */
        ULONG IOSQES : 4; /* I/O submission entry is 1 << IOSQES bytes */
        ULONG IOCQES : 4; /* I/O completion entry is 1 << IOCQES bytes */
        ULONG Reserved1 : 8;
    };
    ULONG AsUlong;
} NVME_CONTROLLER_CONFIGURATION, *PNVME_CONTROLLER_CONFIGURATION;

/* How far a shutdown has come, in CSTS.SHST. */
typedef enum {
    NVME_CSTS_SHST_NO_SHUTDOWN = 0,
    NVME_CSTS_SHST_SHUTDOWN_IN_PROCESS = 1,
    NVME_CSTS_SHST_SHUTDOWN_COMPLETED = 2,
} NVME_CSTS_SHST_SHUTDOWN_STATUS;

/* CSTS, offset 0x1C. */
typedef union {
    struct {
        ULONG RDY : 1;   /* follows CC.EN when the controller is ready */
        ULONG CFS : 1;   /* fatal status */
        ULONG SHST : 2;  /* NVME_CSTS_SHST_SHUTDOWN_STATUS */
        ULONG NSSRO : 1; /* a subsystem reset has occurred; write one to clear */
        ULONG PP : 1;    /* processing of commands is paused */
        ULONG Reserved0 : 26;
    };
    ULONG AsUlong;
} NVME_CONTROLLER_STATUS, *PNVME_CONTROLLER_STATUS;

/* NSSR, offset 0x20. The value 0x4E564D65 ("NVMe") resets the subsystem. */
typedef struct _NVME_NVM_SUBSYSTEM_RESET {
    ULONG NSSRC;
} NVME_NVM_SUBSYSTEM_RESET, *PNVME_NVM_SUBSYSTEM_RESET;

/* AQA, offset 0x24. Both sizes are in entries, less one. */
typedef union {
    struct {
        ULONG ASQS : 12; /* admin submission queue */
        ULONG Reserved0 : 4;
        ULONG ACQS : 12; /* admin completion queue */
        ULONG Reserved1 : 4;
    };
    ULONG AsUlong;
} NVME_ADMIN_QUEUE_ATTRIBUTES, *PNVME_ADMIN_QUEUE_ATTRIBUTES;

/* ASQ, offset 0x28. A bus address; the low 12 bits are zero. */
typedef union {
    struct {
        ULONGLONG Reserved0 : 12;
        ULONGLONG ASQB : 52;
    };
    ULONGLONG AsUlonglong;
} NVME_ADMIN_SUBMISSION_QUEUE_BASE_ADDRESS, *PNVME_ADMIN_SUBMISSION_QUEUE_BASE_ADDRESS;

/* ACQ, offset 0x30. A bus address; the low 12 bits are zero. */
typedef union {
    struct {
        ULONGLONG Reserved0 : 12;
        ULONGLONG ACQB : 52;
    };
    ULONGLONG AsUlonglong;
} NVME_ADMIN_COMPLETION_QUEUE_BASE_ADDRESS, *PNVME_ADMIN_COMPLETION_QUEUE_BASE_ADDRESS;

/* CMBLOC, offset 0x38. Where memory that the controller offers to the host begins. */
typedef union {
    struct {
        ULONG BIR : 3; /* which BAR */
        ULONG Reserved : 9;
        ULONG OFST : 20; /* offset in that BAR, in units of CMBSZ.SZU */
    };
    ULONG AsUlong;
} NVME_CONTROLLER_MEMORY_BUFFER_LOCATION, *PNVME_CONTROLLER_MEMORY_BUFFER_LOCATION;

/* Units of CMBSZ.SZ and CMBLOC.OFST. */
typedef enum {
    NVME_CMBSZ_SIZE_UNITS_4KB = 0,
    NVME_CMBSZ_SIZE_UNITS_64KB = 1,
    NVME_CMBSZ_SIZE_UNITS_1MB = 2,
    NVME_CMBSZ_SIZE_UNITS_16MB = 3,
    NVME_CMBSZ_SIZE_UNITS_256MB = 4,
    NVME_CMBSZ_SIZE_UNITS_4GB = 5,
    NVME_CMBSZ_SIZE_UNITS_64GB = 6,
} NVME_CMBSZ_SIZE_UNITS;

/* CMBSZ, offset 0x3C. The size of that memory and what may live in it. */
typedef union {
    struct {
        ULONG SQS : 1;   /* submission queues */
        ULONG CQS : 1;   /* completion queues */
        ULONG LISTS : 1; /* PRP and SGL lists */
        ULONG RDS : 1;   /* data that the host reads */
        ULONG WDS : 1;   /* data that the host writes */
        ULONG Reserved : 3;
        ULONG SZU : 4; /* NVME_CMBSZ_SIZE_UNITS */
        ULONG SZ : 20;
    };
    ULONG AsUlong;
} NVME_CONTROLLER_MEMORY_BUFFER_SIZE, *PNVME_CONTROLLER_MEMORY_BUFFER_SIZE;

/* A submission queue's tail, written after entries are in memory. */
typedef union {
    struct {
        ULONG SQT : 16;
        ULONG Reserved0 : 16;
    };
    ULONG AsUlong;
} NVME_SUBMISSION_QUEUE_TAIL_DOORBELL, *PNVME_SUBMISSION_QUEUE_TAIL_DOORBELL;

/* A completion queue's head, written after entries are consumed. */
typedef union {
    struct {
        ULONG CQH : 16;
        ULONG Reserved0 : 16;
    };
    ULONG AsUlong;
} NVME_COMPLETION_QUEUE_HEAD_DOORBELL, *PNVME_COMPLETION_QUEUE_HEAD_DOORBELL;

/*
 * The register file. Queue y has its tail doorbell at Doorbells[(2y) << CAP.DSTRD] and its head
 * doorbell at Doorbells[(2y + 1) << CAP.DSTRD].
 */
typedef struct {
    NVME_CONTROLLER_CAPABILITIES CAP;
    NVME_VERSION VS;
    ULONG INTMS; /* write one to mask a vector (line interrupt and MSI only) */
    ULONG INTMC; /* write one to unmask it */
    NVME_CONTROLLER_CONFIGURATION CC;
    ULONG Reserved0;
    NVME_CONTROLLER_STATUS CSTS;
    NVME_NVM_SUBSYSTEM_RESET NSSR;
    NVME_ADMIN_QUEUE_ATTRIBUTES AQA;
    NVME_ADMIN_SUBMISSION_QUEUE_BASE_ADDRESS ASQ;
    NVME_ADMIN_COMPLETION_QUEUE_BASE_ADDRESS ACQ;
    NVME_CONTROLLER_MEMORY_BUFFER_LOCATION CMBLOC;
    NVME_CONTROLLER_MEMORY_BUFFER_SIZE CMBSZ;
    ULONG Reserved2[944];
    ULONG Reserved3[64]; /* for the command set */
    ULONG Doorbells[0];
} NVME_CONTROLLER_REGISTERS, *PNVME_CONTROLLER_REGISTERS;

#endif /* WDK_NVME_REGISTERS_H */
