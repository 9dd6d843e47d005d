/*
 * Multimedia drives (MMC): the answers to GET CONFIGURATION. The commands themselves are with the
 * other SCSI commands.
 */
#ifndef WDK_NTDDMMC_H
#define WDK_NTDDMMC_H
#define _NTDDMMC_

#include "ntdef.h"
#include "storage/scsi_multimedia.h"

#endif
