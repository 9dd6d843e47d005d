/*
 * registry_setting.c - one setting of the command line, "Key\Name=value", into the registry.
 *
 * Parsed like any other bytes from outside: a mistake is an error with a reason, never a guess.
 */
#include "nt/registry.h"
#include "nt/text.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int setting_refuse(char *reason, size_t reason_size, const char *setting, const char *why)
{
    snprintf(reason, reason_size, "setting '%s': %s", setting, why);
    return -EINVAL;
}

/* True when the text is all digits of a number; it need not fit 32 bits. */
static bool text_is_number(const char *text)
{
    bool hexadecimal = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');

    if (hexadecimal)
        text += 2;
    if (!*text)
        return false;
    for (; *text; text++) {
        if (hexadecimal ? !isxdigit((unsigned char)*text) : !isdigit((unsigned char)*text))
            return false;
    }
    return true;
}

static int hex_digit(char letter)
{
    if (letter >= '0' && letter <= '9')
        return letter - '0';
    letter = (char)(letter | 0x20);
    return letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : -1;
}

/* Two digits a byte with commas between; -1 when malformed, else the count. `bytes` has room for
 * one byte of every two characters. */
static long hex_parse(const char *text, unsigned char *bytes)
{
    long count = 0;

    if (!*text)
        return 0;
    for (;;) {
        int high = hex_digit(text[0]);
        int low = high < 0 ? -1 : hex_digit(text[1]);
        if (low < 0)
            return -1;
        bytes[count++] = (unsigned char)(high << 4 | low);
        text += 2;
        if (!*text)
            return count;
        if (*text++ != ',')
            return -1;
    }
}

/* nt_registry_set or nt_registry_write. */
typedef int (*store)(const char *key, const char *name, uint32_t type, const void *data,
                     size_t size);

static int setting_store_hex(const char *key, const char *name, const char *digits, store store)
{
    unsigned char *bytes = malloc(strlen(digits) / 2 + 1);
    if (!bytes)
        return -ENOMEM;
    long count = hex_parse(digits, bytes);
    int result = count < 0 ? -EINVAL : store(key, name, NT_REGISTRY_BINARY, bytes, (size_t)count);
    free(bytes);
    return result;
}

/* Quotation marks around it are not part of it. */
static int setting_store_text(const char *key, const char *name, const char *text, store store)
{
    size_t length = strlen(text), units;
    bool quoted = length >= 2 && text[0] == '"' && text[length - 1] == '"';
    char *inner = quoted ? strndup(text + 1, length - 2) : strdup(text);
    uint16_t *wide = inner ? text_to_utf16(inner, &units) : NULL;
    int result = wide ? store(key, name, NT_REGISTRY_SZ, wide, 2 * (units + 1)) : -ENOMEM;

    free(wide);
    free(inner);
    return result;
}

/* `text` is split in place: base, key and name have been joined to "key" and "name". */
static int setting_store(const char *key, const char *name, const char *value, const char *setting,
                         store store, char *reason, size_t reason_size)
{
    if (text_is_number(value)) {
        errno = 0;
        unsigned long long number =
            strtoull(value, NULL, value[1] == 'x' || value[1] == 'X' ? 16 : 10);
        if (errno || number > UINT32_MAX)
            return setting_refuse(reason, reason_size, setting,
                                  "the number does not fit 32 bits; quote it to store text");
        return store(key, name, NT_REGISTRY_DWORD, &(uint32_t){(uint32_t)number}, sizeof(uint32_t));
    }
    if (strncmp(value, "hex:", 4) == 0) {
        int result = setting_store_hex(key, name, value + 4, store);
        if (result == -EINVAL)
            return setting_refuse(reason, reason_size, setting,
                                  "after hex: two digits a byte are needed, as in hex:01,ff");
        return result;
    }
    return setting_store_text(key, name, value, store);
}

int nt_registry_write_text(const char *key, const char *name, const char *value, char *reason,
                           size_t reason_size)
{
    return setting_store(key, name, value, value, nt_registry_write, reason, reason_size);
}

int nt_registry_parse_setting(const char *base, const char *setting, char *reason,
                              size_t reason_size)
{
    const char *equals = strchr(setting, '=');
    if (!equals || equals == setting)
        return setting_refuse(reason, reason_size, setting,
                              "write Key\\Name=value, as in Parameters\\BusType=10");
    size_t key_size = strlen(base) + (size_t)(equals - setting) + 2;
    char *key = malloc(key_size);
    if (!key)
        return -ENOMEM;
    snprintf(key, key_size, "%s%s%.*s", base, *base ? "\\" : "", (int)(equals - setting), setting);
    /* The last name is the value's, everything before it the key. */
    char *last = strrchr(key, '\\');
    char *name = last ? last + 1 : key;
    char *name_copy = strdup(name);
    if (!name_copy) {
        free(key);
        return -ENOMEM;
    }
    if (last)
        *last = '\0';
    else
        *key = '\0';
    int result = *name_copy ? setting_store(key, name_copy, equals + 1, setting, nt_registry_set,
                                            reason, reason_size)
                            : -EINVAL;
    if (result == -EINVAL && !*reason)
        setting_refuse(reason, reason_size, setting, "a name is empty");
    free(name_copy);
    free(key);
    return result;
}
