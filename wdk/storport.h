/*
 * Everything a Storport miniport includes. The definitions are in storage/, where srb.h and scsi.h
 * find the part that they share with this header; this header cannot be combined with those two,
 * because the SCSI port driver has other structures under the same names.
 */
#ifndef WDK_STORPORT_H
#define WDK_STORPORT_H
#define _NTSTORPORT_
#define _NTSTORPORTP_

#ifdef WDK_SRB_H
#error "storport.h and srb.h exclude each other."
#endif

#include "kernel/interlocked.h"
#include "kernel/registers.h"
#include "storage/request_block.h"
#include "storage/scsi_commands.h"
#include "storage/scsi_data.h"
#include "storage/scsi_enclosure.h"
#include "storage/scsi_inquiry.h"
#include "storage/scsi_ioctl.h"
#include "storage/scsi_mode.h"
#include "storage/scsi_multimedia.h"
#include "storage/scsi_sense.h"
#include "storage/storport_control.h"
#include "storage/storport_exports.h"
#include "storage/storport_extended.h"
#include "storage/storport_types.h"
#include "wdm.h"

#ifndef WDK_HOST
#include "storage/storport_adapter.h"
#include "storage/storport_machine.h"
#include "storage/storport_memory.h"
#include "storage/storport_notify.h"
#include "storage/storport_trace.h"

/* Messages of checked builds: DebugPrint((level, "format", ...)). */
#if defined(DBG) && DBG
#define DebugPrint(arguments) StorPortDebugPrint arguments
#else
#define DebugPrint(arguments)
#endif

/* For a miniport that moved from SCSI port to Storport and kept the old names. */
#ifdef STOR_USE_SCSI_ALIASES
#define ScsiDebugPrint                        StorPortDebugPrint
#define ScsiPortCompleteRequest               StorPortCompleteRequest
#define ScsiPortConvertPhysicalAddressToUlong StorPortConvertPhysicalAddressToUlong
#define ScsiPortConvertUlongToPhysicalAddress StorPortConvertUlongToPhysicalAddress

#define ScsiPortFreeDeviceBase            StorPortFreeDeviceBase
#define ScsiPortGetBusData                StorPortGetBusData
#define ScsiPortGetDeviceBase             StorPortGetDeviceBase
#define ScsiPortGetLogicalUnit            StorPortGetLogicalUnit
#define ScsiPortGetPhysicalAddress        StorPortGetPhysicalAddress
#define ScsiPortGetSrb                    StorPortGetSrb
#define ScsiPortGetUncachedExtension      StorPortGetUncachedExtension
#define ScsiPortGetVirtualAddress         StorPortGetVirtualAddress
#define ScsiPortInitialize                StorPortInitialize
#define ScsiPortFlushDma                  StorPortFlushDma
#define ScsiPortIoMapTransfer             StorPortIoMapTransfer
#define ScsiPortLogError                  StorPortLogError
#define ScsiPortMoveMemory                StorPortMoveMemory
#define ScsiPortNotification              StorPortNotification
#define ScsiPortQuerySystemTime           StorPortQuerySystemTime
#define ScsiPortReadPortBufferUchar       StorPortReadPortBufferUchar
#define ScsiPortReadPortBufferUlong       StorPortReadPortBufferUlong
#define ScsiPortReadPortBufferUshort      StorPortReadPortBufferUshort
#define ScsiPortReadPortUchar             StorPortReadPortUchar
#define ScsiPortReadPortUlong             StorPortReadPortUlong
#define ScsiPortReadPortUshort            StorPortReadPortUshort
#define ScsiPortReadRegisterBufferUchar   StorPortReadRegisterBufferUchar
#define ScsiPortReadRegisterBufferUlong   StorPortReadRegisterBufferUlong
#define ScsiPortReadRegisterBufferUshort  StorPortReadRegisterBufferUshort
#define ScsiPortReadRegisterUchar         StorPortReadRegisterUchar
#define ScsiPortReadRegisterUlong         StorPortReadRegisterUlong
#define ScsiPortReadRegisterUshort        StorPortReadRegisterUshort
#define ScsiPortSetBusDataByOffset        StorPortSetBusDataByOffset
#define ScsiPortStallExecution            StorPortStallExecution
#define ScsiPortValidateRange             StorPortValidateRange
#define ScsiPortWritePortBufferUchar      StorPortWritePortBufferUchar
#define ScsiPortWritePortBufferUlong      StorPortWritePortBufferUlong
#define ScsiPortWritePortBufferUshort     StorPortWritePortBufferUshort
#define ScsiPortWritePortUchar            StorPortWritePortUchar
#define ScsiPortWritePortUlong            StorPortWritePortUlong
#define ScsiPortWritePortUshort           StorPortWritePortUshort
#define ScsiPortWriteRegisterBufferUchar  StorPortWriteRegisterBufferUchar
#define ScsiPortWriteRegisterBufferUlong  StorPortWriteRegisterBufferUlong
#define ScsiPortWriteRegisterBufferUshort StorPortWriteRegisterBufferUshort
#define ScsiPortWriteRegisterUchar        StorPortWriteRegisterUchar
#define ScsiPortWriteRegisterUlong        StorPortWriteRegisterUlong
#define ScsiPortWriteRegisterUshort       StorPortWriteRegisterUshort
#endif
#endif

#endif
