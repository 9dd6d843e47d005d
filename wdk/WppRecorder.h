/*
 * The in-flight recorder of trace messages. The header that the trace preprocessor makes uses these
 * types; this host sends messages to its own record of events, so there are no buffers to
 * configure.
 */
#ifndef WDK_WPPRECORDER_H
#define WDK_WPPRECORDER_H

#include "ntdef.h"

WDK_BEGIN_C

DECLARE_HANDLE(RECORDER_LOG);

#define RECORDER_LOG_IDENTIFIER_MAX_CHARS 16

typedef struct _RECORDER_CONFIGURE_PARAMS {
    ULONG Size;
    BOOLEAN CreateDefaultLog;
    BOOLEAN UseTimeStamp;
} RECORDER_CONFIGURE_PARAMS, *PRECORDER_CONFIGURE_PARAMS;

typedef struct _RECORDER_LOG_CREATE_PARAMS {
    ULONG Size;
    ULONG TotalBufferSize;
    ULONG ErrorPartitionSize;
    CHAR LogIdentifier[RECORDER_LOG_IDENTIFIER_MAX_CHARS];
} RECORDER_LOG_CREATE_PARAMS, *PRECORDER_LOG_CREATE_PARAMS;

#ifndef WDK_HOST
FORCEINLINE VOID RECORDER_CONFIGURE_PARAMS_INIT(PRECORDER_CONFIGURE_PARAMS Parameters)
{
    Parameters->Size = sizeof(*Parameters);
    Parameters->CreateDefaultLog = TRUE;
    Parameters->UseTimeStamp = FALSE;
}

FORCEINLINE VOID RECORDER_LOG_CREATE_PARAMS_INIT(PRECORDER_LOG_CREATE_PARAMS Parameters,
                                                 PCSTR LogIdentifier)
{
    ULONG index = 0;

    Parameters->Size = sizeof(*Parameters);
    Parameters->TotalBufferSize = 0;
    Parameters->ErrorPartitionSize = 0;
    for (; LogIdentifier != NULL && LogIdentifier[index] != 0 &&
           index < RECORDER_LOG_IDENTIFIER_MAX_CHARS - 1;
         index++)
        Parameters->LogIdentifier[index] = LogIdentifier[index];
    for (; index < RECORDER_LOG_IDENTIFIER_MAX_CHARS; index++)
        Parameters->LogIdentifier[index] = 0;
}

#define WppRecorderConfigure(parameters)   ((void)(parameters))
#define WppRecorderLogGetDefault()         ((RECORDER_LOG)0)
#define WppRecorderIsDefaultLogAvailable() FALSE
#define WppRecorderLogDelete(log)          ((void)(log))
#endif

WDK_END_C

#endif
