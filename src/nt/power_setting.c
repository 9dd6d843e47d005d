/*
 * power_setting.c - see power_setting.h.
 */
#include "nt/power_setting.h"

#include "sys/sys.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct setting {
    struct setting *next;
    GUID guid;
    size_t length;
    unsigned char value[];
};

/* The machine hangs on the mains, its display is on, and nobody asked it to save power: the plan is
 * the one for performance. */
static const struct {
    GUID guid;
    size_t length;
    union {
        uint32_t number;
        GUID guid;
    } value;
} from_the_beginning[] = {
    {{0x5D3E9A59, 0xE9D5, 0x4B00, {0xA6, 0xBD, 0xFF, 0x34, 0xFF, 0x51, 0x65, 0x48}},
     sizeof(uint32_t),
     {.number = 0}}, /* GUID_ACDC_POWER_SOURCE: AC */
    {{0x02731015, 0x4510, 0x4526, {0x99, 0xE6, 0xE5, 0xA1, 0x7E, 0xBD, 0x1A, 0xEA}},
     sizeof(uint32_t),
     {.number = 1}}, /* GUID_MONITOR_POWER_ON */
    {{0x6FE69556, 0x704A, 0x47A0, {0x8F, 0x24, 0xC2, 0x8D, 0x93, 0x6F, 0xDA, 0x47}},
     sizeof(uint32_t),
     {.number = 1}}, /* GUID_CONSOLE_DISPLAY_STATE */
    {{0x245D8541, 0x3943, 0x4422, {0xB0, 0x25, 0x13, 0xA7, 0x84, 0xF6, 0x79, 0xB7}},
     sizeof(GUID),
     {.guid = {0x8C5E7FDA,
               0xE8BF,
               0x4A96,
               {0x9A, 0x85, 0xA6, 0xE2, 0x3A, 0x8C, 0x63,
                0x5C}}}}, /* GUID_POWERSCHEME_PERSONALITY */
};

static struct nt_listeners listeners;
static struct sys_mutex lock; /* over the settings */
static struct setting *settings;

static bool is_same(const GUID *left, const GUID *right)
{
    return memcmp(left, right, sizeof(*left)) == 0;
}

static void tell(const struct nt_power_listener *listener, const struct setting *setting)
{
    (void)listener->routine(&listener->guid, (void *)(uintptr_t)setting->value,
                            (ULONG)setting->length, listener->context);
}

static struct setting *setting_create(const GUID *guid, const void *value, size_t length)
{
    struct setting *setting = malloc(sizeof(*setting) + length);

    if (!setting)
        return NULL;
    *setting = (struct setting){.guid = *guid, .length = length};
    if (length)
        memcpy(setting->value, value, length);
    return setting;
}

/* A copy of the present value, NULL if there is none. */
static struct setting *setting_copy(const GUID *guid)
{
    struct setting *copy = NULL;

    sys_mutex_lock(&lock);
    for (const struct setting *setting = settings; setting && !copy; setting = setting->next)
        if (is_same(&setting->guid, guid))
            copy = setting_create(guid, setting->value, setting->length);
    sys_mutex_unlock(&lock);
    for (size_t i = 0; !copy && i < sizeof(from_the_beginning) / sizeof(from_the_beginning[0]); i++)
        if (is_same(&from_the_beginning[i].guid, guid))
            copy = setting_create(guid, &from_the_beginning[i].value, from_the_beginning[i].length);
    return copy;
}

void nt_power_setting_listen(struct nt_power_listener *listener)
{
    struct setting *setting = setting_copy(&listener->guid);

    nt_listeners_add(&listeners, &listener->listener, false);
    if (setting)
        tell(listener, setting);
    free(setting);
}

void nt_power_setting_forget(struct nt_power_listener *listener)
{
    nt_listeners_remove(&listeners, &listener->listener);
}

static void keep(struct setting *setting)
{
    struct setting **link = &settings;

    sys_mutex_lock(&lock);
    while (*link && !is_same(&(*link)->guid, &setting->guid))
        link = &(*link)->next;
    struct setting *old = *link;
    setting->next = old ? old->next : NULL;
    *link = setting;
    sys_mutex_unlock(&lock);
    free(old);
}

int nt_power_setting_set(const uint8_t guid[16], const void *value, size_t length)
{
    GUID copied;

    memcpy(&copied, guid, sizeof(copied));
    struct setting *setting = setting_create(&copied, value, length);
    struct setting *told = setting_create(&copied, value, length);
    if (!setting || !told) {
        free(setting);
        free(told);
        return -ENOMEM;
    }
    keep(setting);
    for (struct nt_listener *at = nt_listeners_first(&listeners); at;
         at = nt_listeners_next(&listeners, at)) {
        const struct nt_power_listener *listener = (const struct nt_power_listener *)at;
        if (is_same(&listener->guid, &copied))
            tell(listener, told);
    }
    free(told);
    return 0;
}
