/*
 * pe_sample.h - what the sample Windows driver of the loader's tests does in one call of its entry.
 */
#ifndef PE_SAMPLE_H
#define PE_SAMPLE_H

enum pe_sample_command {
    PE_SAMPLE_ADD,
    PE_SAMPLE_COUNT,
    PE_SAMPLE_READ_VARIABLE,
    PE_SAMPLE_CALL_LATE,
    PE_SAMPLE_HELPER_CALLS,
    PE_SAMPLE_CALL_ABSENT,
    PE_SAMPLE_READ_ABSENT,
    PE_SAMPLE_CALL_ORDINAL,
    PE_SAMPLE_COOKIE,
    PE_SAMPLE_GUARDS,
    PE_SAMPLE_SHARED_DATA,
};

struct pe_sample_call {
    int command;
    int number;
    int result;
    unsigned long long value;
    void *local;   /* a routine of the sample */
    void *counter; /* a variable of the sample */
};

#endif
