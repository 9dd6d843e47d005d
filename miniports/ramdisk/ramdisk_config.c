/*
 * The settings of a RAM disk: reads them all and checks those that depend on one another.
 */
#include "ramdisk.h"

#define MAXIMUM_MEGABYTES (16UL * 1024UL * 1024UL) /* 16 TiB */
#define DEFAULT_MEGABYTES 64

static BOOLEAN ReadNumbers(RAMDISK_ADAPTER *Adapter, RAMDISK_SETTINGS *Settings)
{
    return SettingReadUlong(Adapter, "SizeMegabytes", 0, 1, MAXIMUM_MEGABYTES,
                            &Settings->SizeMegabytes) &&
           SettingReadUlong(Adapter, "SectorSize", 512, 512, 4096, &Settings->SectorSize) &&
           SettingReadUlong(Adapter, "ReadOnly", 0, 0, 1, &Settings->ReadOnly) &&
           SettingReadUlong(Adapter, "LogicalUnits", 1, 1, RAMDISK_MAXIMUM_UNITS,
                            &Settings->LogicalUnits) &&
           SettingReadUlong(Adapter, "WriteCache", 1, 0, 1, &Settings->WriteCache) &&
           SettingReadUlong(Adapter, "SrbType", SRB_TYPE_STORAGE_REQUEST_BLOCK,
                            SRB_TYPE_SCSI_REQUEST_BLOCK, SRB_TYPE_STORAGE_REQUEST_BLOCK,
                            &Settings->SrbType);
}

BOOLEAN RamdiskReadSettings(RAMDISK_ADAPTER *Adapter)
{
    RAMDISK_SETTINGS *Settings = &Adapter->Settings;

    if (!ReadNumbers(Adapter, Settings) ||
        !SettingReadText(Adapter, "BackingFile", Settings->BackingFile)) {
        return FALSE;
    }
    if (Settings->SectorSize != 512 && Settings->SectorSize != 4096) {
        StorPortDebugPrint(0, "Parameters\\Device\\SectorSize is %lu: set it to 512 or 4096\n",
                           Settings->SectorSize);
        return FALSE;
    }
    if (Settings->BackingFile[0] != '\0' && Settings->LogicalUnits != 1) {
        StorPortDebugPrint(0,
                           "Parameters\\Device\\LogicalUnits is %lu with a BackingFile: one file "
                           "is one unit, set it to 1\n",
                           Settings->LogicalUnits);
        return FALSE;
    }
    if (Settings->BackingFile[0] == '\0' && Settings->SizeMegabytes == 0) {
        Settings->SizeMegabytes = DEFAULT_MEGABYTES;
    }
    return TRUE;
}
