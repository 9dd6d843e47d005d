/*
 * Storage requests that Windows sends to any storage device, below its class driver: properties,
 * data set management, firmware, diagnostics. A miniport meets their structures in
 * SRB_FUNCTION_IO_CONTROL and in data that the port driver asks for. The definitions live in
 * ntddstor/, one subject a file.
 */
#ifndef WDK_NTDDSTOR_H
#define WDK_NTDDSTOR_H

#include "ntddstor/bus_type.h"
#include "ntddstor/control_codes.h"
#include "ntddstor/data_set.h"
#include "ntddstor/device_state.h"
#include "ntddstor/diagnostics.h"
#include "ntddstor/firmware.h"
#include "ntddstor/media.h"
#include "ntddstor/property.h"
#include "ntddstor/protocol.h"
#include "ntddstor/tiers.h"

#endif /* WDK_NTDDSTOR_H */

#include "ntddstor/interface_classes.h"
