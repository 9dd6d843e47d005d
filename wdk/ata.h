/*
 * ATA for miniports: commands, identify data, logs, zones. The definitions live in ata/, one
 * subject a file. Names are those of the driver kit, misspellings included.
 */
#ifndef WDK_ATA_H
#define WDK_ATA_H

#include "ata/commands.h"
#include "ata/identify.h"
#include "ata/log_pages.h"
#include "ata/statistics.h"
#include "ata/zoned.h"

#endif /* WDK_ATA_H */
