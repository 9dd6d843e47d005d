/*
 * sample.h - what the sample driver is asked for through its driver object.
 */
#ifndef SAMPLE_H
#define SAMPLE_H

enum sample_command {
    SAMPLE_COUNT,         /* result: how often this image was asked */
    SAMPLE_ADD,           /* result: TestAdd(2, 3), an import */
    SAMPLE_ADD_INDIRECT,  /* the same through a pointer in initialised data */
    SAMPLE_READ_VARIABLE, /* result: the imported variable */
    SAMPLE_READ_POINTER,  /* result: what the imported pointer variable points to */
    SAMPLE_CALL_ABSENT,   /* calls a routine that nobody has */
    SAMPLE_COPY,          /* copies 64 bytes from source to destination by memcpy */
    SAMPLE_WIDTHS,        /* result: sizeof(long) * 100 + sizeof(wchar_t) */
    SAMPLE_BIG_FRAME,     /* result: 3, by way of large locals */
    /* Defects for the sanitizers. */
    SAMPLE_OVERFLOW_STACK,
    SAMPLE_OVERFLOW_GLOBAL,
    SAMPLE_OVERFLOW_HEAP, /* writes one byte past source[63] */
    SAMPLE_OVERFLOW_COPY, /* copies 65 bytes */
    SAMPLE_SHIFT,         /* shifts by `number` */
    SAMPLE_RACE,          /* adds to an unlocked counter */
};

struct sample_call {
    int command;
    int result;
    int number;
    void *source;
    void *destination;
    void *local; /* address of a static function of the image */
};

#endif
