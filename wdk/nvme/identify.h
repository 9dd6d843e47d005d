/*
 * The identify command and the 4096-byte data structures that it returns.
 */
#ifndef WDK_NVME_IDENTIFY_H
#define WDK_NVME_IDENTIFY_H

#include "../guiddef.h"
#include "../ntdef.h"
#include "registers.h"
#include "reservation.h"

/* The namespace identifier that addresses every namespace. */
#define NVME_NAMESPACE_ALL 0xFFFFFFFF

/* Which structure to return. */
typedef enum {
    NVME_IDENTIFY_CNS_SPECIFIC_NAMESPACE = 0x00,
    NVME_IDENTIFY_CNS_CONTROLLER = 0x01,
    NVME_IDENTIFY_CNS_ACTIVE_NAMESPACES = 0x02,
    NVME_IDENTIFY_CNS_DESCRIPTOR_NAMESPACE = 0x03,
    NVME_IDENTIFY_CNS_NVM_SET = 0x04,
    NVME_IDENTIFY_CNS_SPECIFIC_NAMESPACE_IO_COMMAND_SET = 0x05,
    NVME_IDENTIFY_CNS_SPECIFIC_CONTROLLER_IO_COMMAND_SET = 0x06,
    NVME_IDENTIFY_CNS_ACTIVE_NAMESPACE_LIST_IO_COMMAND_SET = 0x07,
    NVME_IDENTIFY_CNS_ALLOCATED_NAMESPACE_LIST = 0x10,
    NVME_IDENTIFY_CNS_ALLOCATED_NAMESPACE = 0x11,
    NVME_IDENTIFY_CNS_CONTROLLER_LIST_OF_NSID = 0x12,
    NVME_IDENTIFY_CNS_CONTROLLER_LIST_OF_NVM_SUBSYSTEM = 0x13,
    NVME_IDENTIFY_CNS_PRIMARY_CONTROLLER_CAPABILITIES = 0x14,
    NVME_IDENTIFY_CNS_SECONDARY_CONTROLLER_LIST = 0x15,
    NVME_IDENTIFY_CNS_NAMESPACE_GRANULARITY_LIST = 0x16,
    NVME_IDENTIFY_CNS_UUID_LIST = 0x17,
    NVME_IDENTIFY_CNS_DOMAIN_LIST = 0x18,
    NVME_IDENTIFY_CNS_ENDURANCE_GROUP_LIST = 0x19,
    NVME_IDENTIFY_CNS_ALLOCATED_NAMSPACE_LIST_IO_COMMAND_SET = 0x1A,
    NVME_IDENTIFY_CNS_ALLOCATED_NAMESPACE_IO_COMMAND_SET = 0x1B,
    NVME_IDENTIFY_CNS_IO_COMMAND_SET = 0x1C,
} NVME_IDENTIFY_CNS_CODES;

/* I/O command sets, for the structures that differ between them. */
typedef enum {
    NVME_COMMAND_SET_NVM = 0,
    NVME_COMMAND_SET_KEY_VALUE = 1,
    NVME_COMMAND_SET_ZONED_NAMESPACE = 2,
} NVME_COMMAND_SET_IDENTIFIERS;

/* Dwords 10 and 11 of an identify command. */
typedef union {
    struct {
        ULONG CNS : 8; /* NVME_IDENTIFY_CNS_CODES */
        ULONG Reserved : 8;
        ULONG CNTID : 16; /* controller, for the CNS codes that take one */
    };
    ULONG AsUlong;
} NVME_CDW10_IDENTIFY, *PNVME_CDW10_IDENTIFY;

typedef union {
    struct {
        USHORT NVMSETID; /* NVM set, or the CNS-specific identifier */
        USHORT Reserved;
    };
    struct {
        ULONG CNSID : 16;
        ULONG Reserved2 : 8;
        ULONG CSI : 8; /* NVME_COMMAND_SET_IDENTIFIERS */
    };
    ULONG AsUlong;
} NVME_CDW11_IDENTIFY, *PNVME_CDW11_IDENTIFY;

/* One power state. */
typedef struct {
    USHORT MP; /* most power it draws, in 10 mW or 0.1 mW (MPS) */
    UCHAR Reserved0;
    UCHAR MPS : 1;  /* scale of MP */
    UCHAR NOPS : 1; /* no I/O in this state */
    UCHAR Reserved1 : 6;
    ULONG ENLAT;   /* latency to enter it, in microseconds */
    ULONG EXLAT;   /* latency to leave it, in microseconds */
    ULONG RRT : 5; /* relative read throughput; lower is better */
    ULONG Reserved2 : 3;
    ULONG RRL : 5; /* relative read latency */
    ULONG Reserved3 : 3;
    ULONG RWT : 5; /* relative write throughput */
    ULONG Reserved4 : 3;
    ULONG RWL : 5; /* relative write latency */
    ULONG Reserved5 : 3;
    USHORT IDLP; /* typical power when idle */
    UCHAR Reserved6 : 6;
    UCHAR IPS : 2; /* scale of IDLP */
    UCHAR Reserved7;
    USHORT ACTP;   /* typical power at work */
    UCHAR APW : 3; /* the workload that ACTP is for */
    UCHAR Reserved8 : 3;
    UCHAR APS : 2; /* scale of ACTP */
    UCHAR Reserved9[9];
} NVME_POWER_STATE_DESC, *PNVME_POWER_STATE_DESC;

/* CNS 01: the controller. */
typedef struct {
    USHORT VID;    /* PCI vendor */
    USHORT SSVID;  /* PCI subsystem vendor */
    UCHAR SN[20];  /* serial number, ASCII, padded with spaces */
    UCHAR MN[40];  /* model number, likewise */
    UCHAR FR[8];   /* firmware revision, likewise */
    UCHAR RAB;     /* recommended arbitration burst, a power of two */
    UCHAR IEEE[3]; /* organisation identifier */
    struct {
        UCHAR MultiPCIePorts : 1;
        UCHAR MultiControllers : 1;
        UCHAR SRIOV : 1;
        UCHAR ANAR : 1;
        UCHAR Reserved : 4;
    } CMIC;           /* multi-path and sharing */
    UCHAR MDTS;       /* largest transfer is pages << MDTS; 0: no limit */
    USHORT CNTLID;    /* this controller's identifier */
    NVME_VERSION VER; /* the same as the VS register */
    ULONG RTD3R;      /* resume latency of RTD3, in microseconds */
    ULONG RTD3E;      /* entry latency of RTD3, in microseconds */
    struct {
        ULONG Reserved0 : 8;
        ULONG NamespaceAttributeChanged : 1;
        ULONG FirmwareActivation : 1;
        ULONG Reserved1 : 1;
        ULONG AsymmetricAccessChanged : 1;
        ULONG PredictableLatencyAggregateLogChanged : 1;
        ULONG LbaStatusChanged : 1;
        ULONG EnduranceGroupAggregateLogChanged : 1;
        ULONG Reserved2 : 12;
        ULONG ZoneInformation : 1;
        ULONG Reserved3 : 4;
    } OAES; /* asynchronous events that can be asked for */
    struct {
        ULONG HostIdentifier128Bit : 1;
        ULONG NOPSPMode : 1;
        ULONG NVMSets : 1;
        ULONG ReadRecoveryLevels : 1;
        ULONG EnduranceGroups : 1;
        ULONG PredictableLatencyMode : 1;
        ULONG TBKAS : 1;
        ULONG NamespaceGranularity : 1;
        ULONG SQAssociations : 1;
        ULONG UUIDList : 1;
        ULONG Reserved0 : 22;
    } CTRATT; /* attributes */
    struct {
        USHORT ReadRecoveryLevel0 : 1;
        USHORT ReadRecoveryLevel1 : 1;
        USHORT ReadRecoveryLevel2 : 1;
        USHORT ReadRecoveryLevel3 : 1;
        USHORT ReadRecoveryLevel4 : 1;
        USHORT ReadRecoveryLevel5 : 1;
        USHORT ReadRecoveryLevel6 : 1;
        USHORT ReadRecoveryLevel7 : 1;
        USHORT ReadRecoveryLevel8 : 1;
        USHORT ReadRecoveryLevel9 : 1;
        USHORT ReadRecoveryLevel10 : 1;
        USHORT ReadRecoveryLevel11 : 1;
        USHORT ReadRecoveryLevel12 : 1;
        USHORT ReadRecoveryLevel13 : 1;
        USHORT ReadRecoveryLevel14 : 1;
        USHORT ReadRecoveryLevel15 : 1;
    } RRLS; /* read recovery levels supported */
    UCHAR Reserved0[9];
    UCHAR CNTRLTYPE;
    UCHAR FGUID[16]; /* FRU identifier */
    USHORT CRDT1;
    USHORT CRDT2;
    USHORT CRDT3;
    UCHAR Reserved0_1[106];
    UCHAR ReservedForManagement[16];
    struct {
        USHORT SecurityCommands : 1;
        USHORT FormatNVM : 1;
        USHORT FirmwareCommands : 1;
        USHORT NamespaceCommands : 1;
        USHORT DeviceSelfTest : 1;
        USHORT Directives : 1;
        USHORT NVMeMICommands : 1;
        USHORT VirtualizationMgmt : 1;
        USHORT DoorBellBufferConfig : 1;
        USHORT GetLBAStatus : 1;
        USHORT Reserved : 6;
    } OACS;     /* optional admin commands */
    UCHAR ACL;  /* aborts outstanding at once, less one */
    UCHAR AERL; /* event requests outstanding at once, less one */
    struct {
        UCHAR Slot1ReadOnly : 1;
        UCHAR SlotCount : 3;
        UCHAR ActivationWithoutReset : 1;
        UCHAR Reserved : 3;
    } FRMW; /* firmware slots */
    struct {
        UCHAR SmartPagePerNamespace : 1;
        UCHAR CommandEffectsLog : 1;
        UCHAR LogPageExtendedData : 1;
        UCHAR TelemetrySupport : 1;
        UCHAR PersistentEventLog : 1;
        UCHAR Reserved0 : 1;
        UCHAR TelemetryDataArea4 : 1;
        UCHAR Reserved1 : 1;
    } LPA;      /* log page attributes */
    UCHAR ELPE; /* error log entries, less one */
    UCHAR NPSS; /* power states, less one */
    struct {
        UCHAR CommandFormatInSpec : 1;
        UCHAR Reserved : 7;
    } AVSCC; /* vendor admin commands */
    struct {
        UCHAR Supported : 1;
        UCHAR Reserved : 7;
    } APSTA;           /* autonomous power state transitions */
    USHORT WCTEMP;     /* warning temperature, in kelvin */
    USHORT CCTEMP;     /* critical temperature, in kelvin */
    USHORT MTFA;       /* longest firmware activation, in 100 ms */
    ULONG HMPRE;       /* host memory buffer wanted, in 4 KiB */
    ULONG HMMIN;       /* host memory buffer needed, in 4 KiB */
    UCHAR TNVMCAP[16]; /* total capacity, in bytes */
    UCHAR UNVMCAP[16]; /* unallocated capacity, in bytes */
    struct {
        ULONG RPMBUnitCount : 3;
        ULONG AuthenticationMethod : 3;
        ULONG Reserved0 : 10;
        ULONG TotalSize : 8;
        ULONG AccessSize : 8;
    } RPMBS;      /* replay protected memory block */
    USHORT EDSTT; /* extended self-test time, in minutes */
    UCHAR DSTO;
    UCHAR FWUG; /* firmware update granularity, in 4 KiB */
    USHORT KAS; /* keep-alive granularity, in 100 ms */
    struct {
        USHORT Supported : 1;
        USHORT Reserved : 15;
    } HCTMA; /* host controlled thermal management */
    USHORT MNTMT;
    USHORT MXTMT;
    struct {
        ULONG CryptoErase : 1;
        ULONG BlockErase : 1;
        ULONG Overwrite : 1;
        ULONG Reserved : 26;
        ULONG NDI : 1;
        ULONG NODMMAS : 2;
    } SANICAP;        /* sanitize */
    ULONG HMMINDS;    /* smallest host memory descriptor, in 4 KiB */
    USHORT HMMAXD;    /* most host memory descriptors */
    USHORT NSETIDMAX; /* highest NVM set */
    USHORT ENDGIDMAX; /* highest endurance group */
    UCHAR ANATT;      /* longest ANA transition, in seconds */
    struct {
        UCHAR OptimizedState : 1;
        UCHAR NonOptimizedState : 1;
        UCHAR InaccessibleState : 1;
        UCHAR PersistentLossState : 1;
        UCHAR ChangeState : 1;
        UCHAR Reserved : 1;
        UCHAR StaticANAGRPID : 1;
        UCHAR SupportNonZeroANAGRPID : 1;
    } ANACAP; /* asymmetric namespace access */
    ULONG ANAGRPMAX;
    ULONG NANAGRPID;
    ULONG PELS; /* size of the persistent event log, in 64 KiB */
    UCHAR Reserved1[156];
    struct {
        UCHAR RequiredEntrySize : 4;
        UCHAR MaxEntrySize : 4;
    } SQES; /* submission entry sizes, powers of two */
    struct {
        UCHAR RequiredEntrySize : 4;
        UCHAR MaxEntrySize : 4;
    } CQES;        /* completion entry sizes, powers of two */
    USHORT MAXCMD; /* commands outstanding per queue; 0: no statement */
    ULONG NN;      /* highest namespace identifier */
    struct {
        USHORT Compare : 1;
        USHORT WriteUncorrectable : 1;
        USHORT DatasetManagement : 1;
        USHORT WriteZeroes : 1;
        USHORT FeatureField : 1;
        USHORT Reservations : 1;
        USHORT Timestamp : 1;
        USHORT Verify : 1;
        USHORT Reserved : 8;
    } ONCS; /* optional NVM commands */
    struct {
        USHORT CompareAndWrite : 1;
        USHORT Reserved : 15;
    } FUSES; /* fused operations */
    struct {
        UCHAR FormatApplyToAll : 1;
        UCHAR SecureEraseApplyToAll : 1;
        UCHAR CryptographicEraseSupported : 1;
        UCHAR FormatSupportNSIDAllF : 1;
        UCHAR Reserved : 4;
    } FNA; /* what a format touches */
    struct {
        UCHAR Present : 1;
        UCHAR FlushBehavior : 2;
        UCHAR Reserved : 5;
    } VWC;        /* volatile write cache */
    USHORT AWUN;  /* atomic write, in blocks, less one */
    USHORT AWUPF; /* atomic write at power failure, likewise */
    struct {
        UCHAR CommandFormatInSpec : 1;
        UCHAR Reserved : 7;
    } NVSCC; /* vendor I/O commands */
    struct {
        UCHAR WriteProtect : 1;
        UCHAR UntilPowerCycle : 1;
        UCHAR Permanent : 1;
        UCHAR Reserved : 5;
    } NWPC;      /* namespace write protection */
    USHORT ACWU; /* atomic compare and write, likewise */
    USHORT Reserved4;
    struct {
        ULONG SGLSupported : 2;
        ULONG KeyedSGLData : 1;
        ULONG Reserved0 : 13;
        ULONG BitBucketDescrSupported : 1;
        ULONG ByteAlignedContiguousPhysicalBuffer : 1;
        ULONG SGLLengthLargerThanDataLength : 1;
        ULONG MPTRSGLDescriptor : 1;
        ULONG AddressFieldSGLDataBlock : 1;
        ULONG TransportSGLData : 1;
        ULONG Reserved1 : 10;
    } SGLS;     /* scatter/gather lists */
    ULONG MNAN; /* most namespaces at once */
    UCHAR Reserved6[224];
    UCHAR SUBNQN[256]; /* subsystem name, UTF-8 */
    UCHAR Reserved7[768];
    UCHAR Reserved8[256];
    NVME_POWER_STATE_DESC PDS[32];
    UCHAR VS[1024]; /* for the vendor */
} NVME_IDENTIFY_CONTROLLER_DATA, *PNVME_IDENTIFY_CONTROLLER_DATA;

/* One format of a namespace's logical blocks. */
typedef union {
    struct {
        USHORT MS;    /* metadata bytes a block */
        UCHAR LBADS;  /* block is 1 << LBADS bytes; below 9: not in use */
        UCHAR RP : 2; /* relative performance; 0 is best */
        UCHAR Reserved0 : 6;
    };
    ULONG AsUlong;
} NVME_LBA_FORMAT, *PNVME_LBA_FORMAT;

/* NVME_IDENTIFY_NAMESPACE_DATA.DPS. */
typedef enum {
    NVME_PROTECTION_INFORMATION_NOT_ENABLED = 0,
    NVME_PROTECTION_INFORMATION_TYPE1 = 1,
    NVME_PROTECTION_INFORMATION_TYPE2 = 2,
    NVME_PROTECTION_INFORMATION_TYPE3 = 3,
} NVME_PROTECTION_INFORMATION_TYPES;

/* CNS 00: a namespace, as the NVM command set sees it. */
typedef struct {
    ULONGLONG NSZE; /* size, in blocks */
    ULONGLONG NCAP; /* capacity, in blocks */
    ULONGLONG NUSE; /* blocks in use */
    struct {
        UCHAR ThinProvisioning : 1;
        UCHAR NameSpaceAtomicWriteUnit : 1;
        UCHAR DeallocatedOrUnwrittenError : 1;
        UCHAR SkipReuseUI : 1;
        UCHAR NameSpaceIoOptimization : 1;
        UCHAR Reserved : 3;
    } NSFEAT;
    UCHAR NLBAF; /* formats in LBAF, less one */
    struct {
        UCHAR LbaFormatIndex : 4;
        UCHAR MetadataInExtendedDataLBA : 1;
        UCHAR Reserved : 3;
    } FLBAS; /* the format in use */
    struct {
        UCHAR MetadataInExtendedDataLBA : 1;
        UCHAR MetadataInSeparateBuffer : 1;
        UCHAR Reserved : 6;
    } MC; /* metadata capabilities */
    struct {
        UCHAR ProtectionInfoType1 : 1;
        UCHAR ProtectionInfoType2 : 1;
        UCHAR ProtectionInfoType3 : 1;
        UCHAR InfoAtBeginningOfMetadata : 1;
        UCHAR InfoAtEndOfMetadata : 1;
        UCHAR Reserved : 3;
    } DPC; /* protection types that can be had */
    struct {
        UCHAR ProtectionInfoTypeEnabled : 3;
        UCHAR InfoAtBeginningOfMetadata : 1;
        UCHAR Reserved : 4;
    } DPS; /* the protection type in use */
    struct {
        UCHAR SharedNameSpace : 1;
        UCHAR Reserved : 7;
    } NMIC; /* sharing between controllers */
    NVM_RESERVATION_CAPABILITIES RESCAP;
    struct {
        UCHAR PercentageRemained : 7;
        UCHAR Supported : 1;
    } FPI; /* progress of a format */
    struct {
        UCHAR ReadBehavior : 3; /* 0: not said, 1: zeroes, 2: ones */
        UCHAR WriteZeroes : 1;
        UCHAR GuardFieldWithCRC : 1;
        UCHAR Reserved : 3;
    } DLFEAT;     /* what deallocated blocks read as */
    USHORT NAWUN; /* the namespace's own atomic sizes, less one */
    USHORT NAWUPF;
    USHORT NACWU;
    USHORT NABSN;
    USHORT NABO;
    USHORT NABSPF;
    USHORT NOIOB;     /* optimal I/O boundary, in blocks */
    UCHAR NVMCAP[16]; /* bytes allocated to the namespace */
    USHORT NPWG;      /* preferred write granularity, in blocks, less one */
    USHORT NPWA;      /* preferred write alignment, likewise */
    USHORT NPDG;      /* preferred deallocate granularity, likewise */
    USHORT NPDA;      /* preferred deallocate alignment, likewise */
    USHORT NOWS;      /* optimal write size, likewise */
    USHORT MSSRL;     /* copy: most blocks in a source range */
    ULONG MCL;        /* copy: most blocks altogether */
    UCHAR MSRC;       /* copy: most source ranges, less one */
    UCHAR Reserved2[11];
    ULONG ANAGRPID;
    UCHAR Reserved3[3];
    struct {
        UCHAR WriteProtected : 1;
        UCHAR Reserved : 7;
    } NSATTR;
    USHORT NVMSETID;
    USHORT ENDGID;
    UCHAR NGUID[16]; /* globally unique identifier; zero: none */
    UCHAR EUI64[8];
    NVME_LBA_FORMAT LBAF[16];
    UCHAR Reserved4[192];
    UCHAR VS[3712]; /* for the vendor */
} NVME_IDENTIFY_NAMESPACE_DATA, *PNVME_IDENTIFY_NAMESPACE_DATA;

/* CNS 02: identifiers in rising order; zero ends the list. */
typedef struct {
    ULONG NSID[1024];
} NVME_ACTIVE_NAMESPACE_ID_LIST, *PNVME_ACTIVE_NAMESPACE_ID_LIST;

#define NVME_IDENTIFY_CNS_DESCRIPTOR_NAMESPACE_SIZE 0x1000

/* CNS 03: identification descriptors of a namespace, one after another; NIDL zero ends the list. */
typedef enum {
    NVME_IDENTIFIER_TYPE_EUI64 = 1,
    NVME_IDENTIFIER_TYPE_NGUID = 2,
    NVME_IDENTIFIER_TYPE_UUID = 3,
    NVME_IDENTIFIER_TYPE_CSI = 4,
} NVME_IDENTIFIER_TYPE;

typedef enum {
    NVME_IDENTIFIER_TYPE_EUI64_LENGTH = 0x08,
    NVME_IDENTIFIER_TYPE_NGUID_LENGTH = 0x10,
    NVME_IDENTIFIER_TYPE_UUID_LENGTH = 0x10,
    NVME_IDENTIFIER_TYPE_CSI_LENGTH = 0x01,
} NVME_IDENTIFIER_TYPE_LENGTH;

#pragma pack(push, 1)
typedef struct {
    UCHAR NIDT; /* NVME_IDENTIFIER_TYPE */
    UCHAR NIDL; /* bytes in NID */
    UCHAR Reserved[2];
    UCHAR NID[ANYSIZE_ARRAY];
} NVME_IDENTIFY_NAMESPACE_DESCRIPTOR, *PNVME_IDENTIFY_NAMESPACE_DESCRIPTOR;
#pragma pack(pop)

/* CNS 04: NVM sets. */
typedef struct {
    USHORT Identifier;
    USHORT ENDGID;
    ULONG Reserved1;
    ULONG Random4KBReadTypical;
    ULONG OptimalWriteSize;
    UCHAR TotalCapacity[16];
    UCHAR UnallocatedCapacity[16];
    UCHAR Reserved2[80];
} NVME_SET_ATTRIBUTES_ENTRY, *PNVME_SET_ATTRIBUTES_ENTRY;

typedef struct {
    UCHAR IdentifierCount;
    UCHAR Reserved[127];
    NVME_SET_ATTRIBUTES_ENTRY Entry[ANYSIZE_ARRAY];
} NVM_SET_LIST, *PNVM_SET_LIST;

/* CNS 05 for zoned namespaces: what one LBA format means for zones. */
typedef struct {
    ULONGLONG ZoneSize; /* blocks in a zone */
    UCHAR ZDES;         /* size of the zone descriptor extension, in 64 bytes */
    UCHAR Reserved[7];
} NVME_LBA_ZONE_FORMAT, *PNVME_LBA_ZONE_FORMAT;

typedef struct {
    struct {
        USHORT VariableZoneCapacity : 1;
        USHORT ZoneExcursions : 1;
        USHORT Reserved : 14;
    } ZOC;
    struct {
        USHORT ReadAcrossZoneBoundaries : 1;
        USHORT Reserved : 15;
    } OZCS;
    ULONG MAR; /* active zones, less one */
    ULONG MOR; /* open zones, less one */
    ULONG RRL;
    ULONG FRL;
    UCHAR Reserved0[2796];
    NVME_LBA_ZONE_FORMAT LBAEF[16];
    UCHAR Reserved1[768];
    UCHAR VS[256];
} NVME_IDENTIFY_SPECIFIC_NAMESPACE_IO_COMMAND_SET,
    *PNVME_IDENTIFY_SPECIFIC_NAMESPACE_IO_COMMAND_SET;

/*
 * CNS 06: limits of a controller, for the NVM and for the zoned command set. The sizes are powers
 * of two in pages, as MDTS is.
 */
typedef struct {
    UCHAR VSL;      /* verify */
    UCHAR WZSL;     /* write zeroes */
    UCHAR WUSL;     /* write uncorrectable */
    UCHAR DMRL;     /* dataset management: ranges */
    ULONG DMRSL;    /* dataset management: blocks in a range */
    ULONGLONG DMSL; /* dataset management: blocks altogether */
    UCHAR Reserved[4080];
} NVME_IDENTIFY_NVM_SPECIFIC_CONTROLLER_IO_COMMAND_SET,
    *PNVME_IDENTIFY_NVM_SPECIFIC_CONTROLLER_IO_COMMAND_SET;

typedef struct {
    UCHAR ZASL; /* zone append */
    UCHAR Reserved[4095];
} NVME_IDENTIFY_ZNS_SPECIFIC_CONTROLLER_IO_COMMAND_SET,
    *PNVME_IDENTIFY_ZNS_SPECIFIC_CONTROLLER_IO_COMMAND_SET;

/* CNS 12 and 13: controllers in rising order. */
typedef struct {
    USHORT NumberOfIdentifiers;
    USHORT ControllerID[2047];
} NVME_CONTROLLER_LIST, *PNVME_CONTROLLER_LIST;

/* CNS 1C: each vector is a combination of command sets that can be enabled together. */
typedef struct {
    ULONGLONG IOCommandSetVector[512];
} NVME_IDENTIFY_IO_COMMAND_SET, *PNVME_IDENTIFY_IO_COMMAND_SET;

/* The SCSI name string that identifies a namespace (device identification page, VPD 83). */
typedef struct {
    CHAR PCIVendorID[4];
    CHAR ModelNumber[40];
    CHAR NamespaceID[4];
    CHAR SerialNumber[20];
} NVME_SCSI_NAME_STRING, *PNVME_SCSI_NAME_STRING;

#endif /* WDK_NVME_IDENTIFY_H */
