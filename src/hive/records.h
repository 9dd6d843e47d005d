/*
 * records.h - what the machine and storhost-hive say to each other: records of a kind (one byte), a
 * length (four, little-endian) and so many bytes. Names are UTF-8 without a terminator; lengths and
 * types inside a record are four bytes, little-endian.
 */
#ifndef STORHOST_HIVE_RECORDS_H
#define STORHOST_HIVE_RECORDS_H

enum {
    HIVE_FD = 3,
    HIVE_CHANGES_FD = 4,
    HIVE_NEW_FD = 5,
    HIVE_RECORD_HEAD = 5,
    HIVE_RECORD_MAX = 64 << 20,
    HIVE_BYTES_MAX = 512 << 20,
    HIVE_DEPTH_MAX = 512,          /* as Windows has it */
    HIVE_NAME_BYTES_MAX = 3 * 255, /* of a key: 255 characters */
    HIVE_KEYS_MAX = 4 << 20,
    HIVE_VALUES_MAX = 16 << 20,
};

enum hive_record {
    /* From storhost-hive, about the file. */
    HIVE_RECORD_SYSTEM = 'S',  /* it has control sets: the name of the current one */
    HIVE_RECORD_SERVICE = 'P', /* its root looks like a service's key */
    HIVE_RECORD_OTHER = 'O',
    HIVE_RECORD_DIRTY = 'D', /* it was not closed: what its log has is missing */
    /* Its content. */
    HIVE_RECORD_KEY = 'K',     /* name: what follows, up to its end, is in that key */
    HIVE_RECORD_KEY_END = 'U', /* */
    HIVE_RECORD_VALUE = 'V',   /* type, length of the name, name, data */
    HIVE_RECORD_OMITTED = 'N', /* how many keys and values have names that cannot be told */
    /* The end, one way or the other. */
    HIVE_RECORD_END = 'Z',
    HIVE_RECORD_ERROR = 'E', /* text */
    /* Changes: lengths of key and name, key (from the root of the hive), name; data of a value. */
    HIVE_RECORD_MAKE_KEY = 'k',
    HIVE_RECORD_DELETE_KEY = 'g',
    HIVE_RECORD_SET_VALUE = 'v', /* begins with the type */
    HIVE_RECORD_DELETE_VALUE = 'x',
};

#endif
