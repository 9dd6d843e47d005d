/*
 * SCSI commands and data for drivers that do not use Storport, and with them the requests of srb.h.
 * A miniport of Storport has all of this from storport.h. The definitions are in storage/.
 */
#ifndef WDK_SCSI_H
#define WDK_SCSI_H
#define _NTSCSI_

#ifndef WDK_STORPORT_H
#include "srb.h"
#endif
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
