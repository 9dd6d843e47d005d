/*
 * SCSI commands and data for drivers that do not use Storport: storport.h brings the same. The
 * definitions are in storage/.
 */
#ifndef WDK_SCSI_H
#define WDK_SCSI_H
#define _NTSCSI_

#include "storage/scsi_commands.h"
#include "storage/scsi_data.h"
#include "storage/scsi_enclosure.h"
#include "storage/scsi_inquiry.h"
#include "storage/scsi_ioctl.h"
#include "storage/scsi_mode.h"
#include "storage/scsi_multimedia.h"
#include "storage/scsi_sense.h"
#include "storage/stor_address.h"

#endif
