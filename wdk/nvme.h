/*
 * NVM Express for miniports: registers, commands, completions and the data structures that commands
 * move. The definitions live in nvme/, one subject a file; this header is what a driver includes.
 * It follows the specification's fields under the names of the driver kit, misspellings included.
 */
#ifndef WDK_NVME_H
#define WDK_NVME_H

#include "nvme/command.h"
#include "nvme/completion.h"
#include "nvme/directives.h"
#include "nvme/features.h"
#include "nvme/identify.h"
#include "nvme/log_pages.h"
#include "nvme/ocp_logs.h"
#include "nvme/registers.h"
#include "nvme/reservation.h"
#include "nvme/sanitize.h"
#include "nvme/zoned.h"

#endif /* WDK_NVME_H */
