/*
 * The device statistics log (IDE_GP_LOG_DEVICE_STATISTICS_ADDRESS): counters of eight bytes, each
 * with flags in its last byte.
 */
#ifndef WDK_ATA_STATISTICS_H
#define WDK_ATA_STATISTICS_H

#include "../ntdef.h"

/* Bytes of a device: no member is aligned. */
#pragma pack(push, 1)

/* The last byte of a statistic. The number counts only when Supported and ValidValue are set. */
#define WDK_ATA_STATISTIC_FLAGS                                                                    \
    ULONGLONG ReservedFlags : 3;                                                                   \
    ULONGLONG MonitoredConditionMet : 1;                                                           \
    ULONGLONG StatisticsSupportsDsn : 1;                                                           \
    ULONGLONG Normalized : 1;                                                                      \
    ULONGLONG ValidValue : 1;                                                                      \
    ULONGLONG Supported : 1

/* How every page begins. */
typedef struct _DEVICE_STATISTICS_LOG_PAGE_HEADER {
    ULONGLONG RevisionNumber : 16;
    ULONGLONG PageNumber : 8;
    ULONGLONG Reserved : 40;
} DEVICE_STATISTICS_LOG_PAGE_HEADER, *PDEVICE_STATISTICS_LOG_PAGE_HEADER;

typedef struct _GP_LOG_SUPPORTED_DEVICE_STATISTICS {
    DEVICE_STATISTICS_LOG_PAGE_HEADER Header;
    UCHAR NumberOfEntries;
    UCHAR LogPageNumbers[503];
} GP_LOG_SUPPORTED_DEVICE_STATISTICS, *PGP_LOG_SUPPORTED_DEVICE_STATISTICS;

typedef struct _GP_LOG_GENERAL_STATISTICS {
    DEVICE_STATISTICS_LOG_PAGE_HEADER Header;
    struct {
        ULONGLONG Count : 32;
        ULONGLONG Reserved : 24;
        WDK_ATA_STATISTIC_FLAGS;
    } LifeTimePoweronResets;
    struct {
        ULONGLONG Count : 32;
        ULONGLONG Reserved : 24;
        WDK_ATA_STATISTIC_FLAGS;
    } PoweronHours;
    struct {
        ULONGLONG Count : 48;
        ULONGLONG Reserved : 8;
        WDK_ATA_STATISTIC_FLAGS;
    } LogicalSectorsWritten;
    struct {
        ULONGLONG Count : 48;
        ULONGLONG Reserved : 8;
        WDK_ATA_STATISTIC_FLAGS;
    } WriteCommandCount;
    struct {
        ULONGLONG Count : 48;
        ULONGLONG Reserved : 8;
        WDK_ATA_STATISTIC_FLAGS;
    } LogicalSectorsRead;
    struct {
        ULONGLONG Count : 48;
        ULONGLONG Reserved : 8;
        WDK_ATA_STATISTIC_FLAGS;
    } ReadCommandCount;
    struct {
        ULONGLONG TimeStamp : 48;
        ULONGLONG Reserved : 8;
        WDK_ATA_STATISTIC_FLAGS;
    } DateAndTime;
    struct {
        ULONGLONG Count : 32;
        ULONGLONG Reserved : 24;
        WDK_ATA_STATISTIC_FLAGS;
    } PendingErrorCount;
    struct {
        ULONGLONG Value : 16;
        ULONGLONG Reserved : 40;
        WDK_ATA_STATISTIC_FLAGS;
    } WorkloadUtilizaton;
    struct {
        ULONGLONG Value : 8;
        ULONGLONG Reserved0 : 28;
        ULONGLONG RateBasis : 4;
        ULONGLONG RateValidity : 8;
        ULONGLONG Reserved1 : 8;
        WDK_ATA_STATISTIC_FLAGS;
    } UtilizationUsageRate;
    UCHAR Reserved[424];
} GP_LOG_GENERAL_STATISTICS, *PGP_LOG_GENERAL_STATISTICS;

typedef struct _GP_LOG_FREE_FALL_STATISTICS {
    DEVICE_STATISTICS_LOG_PAGE_HEADER Header;
    struct {
        ULONGLONG Count : 32;
        ULONGLONG Reserved : 24;
        WDK_ATA_STATISTIC_FLAGS;
    } NumberofFreeFallEventsDetected;
    struct {
        ULONGLONG Count : 32;
        ULONGLONG Reserved : 24;
        WDK_ATA_STATISTIC_FLAGS;
    } OverlimitShockEvents;
    UCHAR Reserved[488];
} GP_LOG_FREE_FALL_STATISTICS, *PGP_LOG_FREE_FALL_STATISTICS;

typedef struct _GP_LOG_ROTATING_MEDIA_STATISTICS {
    DEVICE_STATISTICS_LOG_PAGE_HEADER Header;
    struct {
        ULONGLONG Count : 32;
        ULONGLONG Reserved : 24;
        WDK_ATA_STATISTIC_FLAGS;
    } SpindleMotorPoweronHours;
    struct {
        ULONGLONG Count : 32;
        ULONGLONG Reserved : 24;
        WDK_ATA_STATISTIC_FLAGS;
    } HeadFlyingHours;
    struct {
        ULONGLONG Count : 32;
        ULONGLONG Reserved : 24;
        WDK_ATA_STATISTIC_FLAGS;
    } HeadLoadEvents;
    struct {
        ULONGLONG Count : 32;
        ULONGLONG Reserved : 24;
        WDK_ATA_STATISTIC_FLAGS;
    } NumberOfReallocatedLogicalSectors;
    struct {
        ULONGLONG Count : 32;
        ULONGLONG Reserved : 24;
        WDK_ATA_STATISTIC_FLAGS;
    } ReadRecoveryAttempts;
    struct {
        ULONGLONG Count : 32;
        ULONGLONG Reserved : 24;
        WDK_ATA_STATISTIC_FLAGS;
    } NumberOfMechanicalStartFailures;
    struct {
        ULONGLONG Count : 32;
        ULONGLONG Reserved : 24;
        WDK_ATA_STATISTIC_FLAGS;
    } NumberOfReallocationCandidateLogicalSectors;
    struct {
        ULONGLONG Count : 32;
        ULONGLONG Reserved : 24;
        WDK_ATA_STATISTIC_FLAGS;
    } NumberOfHighPriorityUnloadEvents;
    UCHAR Reserved[440];
} GP_LOG_ROTATING_MEDIA_STATISTICS, *PGP_LOG_ROTATING_MEDIA_STATISTICS;

typedef struct _GP_LOG_GENERAL_ERROR_STATISTICS {
    DEVICE_STATISTICS_LOG_PAGE_HEADER Header;
    struct {
        ULONGLONG Count : 32;
        ULONGLONG Reserved : 24;
        WDK_ATA_STATISTIC_FLAGS;
    } NumberOfReportedUncorrectableErrors;
    struct {
        ULONGLONG Count : 32;
        ULONGLONG Reserved : 24;
        WDK_ATA_STATISTIC_FLAGS;
    } NumberOfResetsBetweenCommandAcceptanceAndCommandCompletion;
    UCHAR Reserved[488];
} GP_LOG_GENERAL_ERROR_STATISTICS, *PGP_LOG_GENERAL_ERROR_STATISTICS;

typedef struct _GP_LOG_TEMPERATURE_STATISTICS {
    DEVICE_STATISTICS_LOG_PAGE_HEADER Header;
    struct {
        ULONGLONG Value : 8;
        ULONGLONG Reserved : 48;
        WDK_ATA_STATISTIC_FLAGS;
    } CurrentTemperature;
    struct {
        ULONGLONG Value : 8;
        ULONGLONG Reserved : 48;
        WDK_ATA_STATISTIC_FLAGS;
    } AverageShortTermTemperature;
    struct {
        ULONGLONG Value : 8;
        ULONGLONG Reserved : 48;
        WDK_ATA_STATISTIC_FLAGS;
    } AverageLongTermTemperature;
    struct {
        ULONGLONG Value : 8;
        ULONGLONG Reserved : 48;
        WDK_ATA_STATISTIC_FLAGS;
    } HighestTemperature;
    struct {
        ULONGLONG Value : 8;
        ULONGLONG Reserved : 48;
        WDK_ATA_STATISTIC_FLAGS;
    } LowestTemperature;
    struct {
        ULONGLONG Value : 8;
        ULONGLONG Reserved : 48;
        WDK_ATA_STATISTIC_FLAGS;
    } HighestAverageShortTermTemperature;
    struct {
        ULONGLONG Value : 8;
        ULONGLONG Reserved : 48;
        WDK_ATA_STATISTIC_FLAGS;
    } LowestAverageShortTermTemperature;
    struct {
        ULONGLONG Value : 8;
        ULONGLONG Reserved : 48;
        WDK_ATA_STATISTIC_FLAGS;
    } HighstAverageLongTermTemperature;
    struct {
        ULONGLONG Value : 8;
        ULONGLONG Reserved : 48;
        WDK_ATA_STATISTIC_FLAGS;
    } LowestAverageLongTermTemperature;
    struct {
        ULONGLONG Value : 8;
        ULONGLONG Reserved : 48;
        WDK_ATA_STATISTIC_FLAGS;
    } TimeInOverTemperature;
    struct {
        ULONGLONG Value : 8;
        ULONGLONG Reserved : 48;
        WDK_ATA_STATISTIC_FLAGS;
    } SpecifiedMaximumOperatingTemperature;
    struct {
        ULONGLONG Value : 8;
        ULONGLONG Reserved : 48;
        WDK_ATA_STATISTIC_FLAGS;
    } TimeInUnderTemperature;
    struct {
        ULONGLONG Value : 8;
        ULONGLONG Reserved : 48;
        WDK_ATA_STATISTIC_FLAGS;
    } SpecifiedMinimumOperatingTemperature;
    UCHAR Reserved[400];
} GP_LOG_TEMPERATURE_STATISTICS, *PGP_LOG_TEMPERATURE_STATISTICS;

typedef struct _GP_LOG_TRANSPORT_STATISTICS {
    DEVICE_STATISTICS_LOG_PAGE_HEADER Header;
    struct {
        ULONGLONG Count : 8;
        ULONGLONG Reserved : 48;
        WDK_ATA_STATISTIC_FLAGS;
    } NumberOfHardwareResets;
    struct {
        ULONGLONG Count : 32;
        ULONGLONG Reserved : 24;
        WDK_ATA_STATISTIC_FLAGS;
    } NumberOfAsrEvents;
    struct {
        ULONGLONG Count : 32;
        ULONGLONG Reserved : 24;
        WDK_ATA_STATISTIC_FLAGS;
    } NumberOfInterfaceCrcErrors;
    UCHAR Reserved[480];
} GP_LOG_TRANSPORT_STATISTICS, *PGP_LOG_TRANSPORT_STATISTICS;

typedef struct _GP_LOG_SOLID_STATE_DEVICE_STATISTICS {
    DEVICE_STATISTICS_LOG_PAGE_HEADER Header;
    struct {
        ULONGLONG Value : 8;
        ULONGLONG Reserved : 48;
        WDK_ATA_STATISTIC_FLAGS;
    } PercentageUsedEnduranceIndicator;
    UCHAR Reserved[496];
} GP_LOG_SOLID_STATE_DEVICE_STATISTICS, *PGP_LOG_SOLID_STATE_DEVICE_STATISTICS;

#pragma pack(pop)

#endif /* WDK_ATA_STATISTICS_H */
