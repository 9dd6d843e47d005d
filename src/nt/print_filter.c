/*
 * print_filter.c - which of a driver's prints anybody sees.
 *
 * As on Windows each print names a component and has an importance, which is a bit; it is shown if
 * the component's mask has the bit, or that of all components (WIN2000). A driver may print with
 * every request, so what nobody sees must not cost the making of its text.
 */
#include "nt/print.h"
#include "nt/registry.h"

#include <wdm.h>

enum {
    COMPONENT_COUNT = 256,
    ERRORS = 1 << DPFLTR_ERROR_LEVEL,
    WARNINGS = 1 << DPFLTR_WARNING_LEVEL
};

static const struct component {
    uint8_t number;
    const char *name; /* of the value in the registry */
} components[] = {
    {5, "CRASHDUMP"},
    {7, "CDROM"},
    {8, "CLASSPNP"},
    {9, "DISK"},
    {12, "SCSIPORT"},
    {13, "SCSIMINIPORT"},
    {55, "TAPE"},
    {58, "PCIIDE"},
    {66, "PCI"},
    {DPFLTR_IHVDRIVER_ID, "IHVDRIVER"},
    {DPFLTR_IHVVIDEO_ID, "IHVVIDEO"},
    {DPFLTR_IHVAUDIO_ID, "IHVAUDIO"},
    {DPFLTR_IHVNETWORK_ID, "IHVNETWORK"},
    {DPFLTR_IHVSTREAMING_ID, "IHVSTREAMING"},
    {DPFLTR_IHVBUS_ID, "IHVBUS"},
    {DPFLTR_STORPORT_ID, "STORPORT"},
    {NT_PRINT_STORMINIPORT, "STORMINIPORT"},
    {DPFLTR_DEFAULT_ID, "DEFAULT"},
    {146, "POWER"},
};

/* Written before drivers run. */
static uint32_t wanted_of_all;          /* by who starts the machine */
static uint32_t masks[COMPONENT_COUNT]; /* with those of all */
static uint32_t mask_of_others;

static uint32_t has_been_told; /* atomic */

void nt_print_filter_start(uint32_t wanted)
{
    wanted_of_all = wanted;
    __atomic_store_n(&has_been_told, 0, __ATOMIC_RELAXED);
}

void nt_print_filter_read(void)
{
    static const char key[] = "Control\\Session Manager\\Debug Print Filter";
    uint32_t of_all = ERRORS;

    (void)nt_registry_get_dword(key, "WIN2000", &of_all);
    mask_of_others = of_all | wanted_of_all;
    for (unsigned i = 0; i < COMPONENT_COUNT; i++)
        masks[i] = mask_of_others;
    for (size_t i = 0; i < sizeof(components) / sizeof(components[0]); i++) {
        const struct component *component = &components[i];
        /* Warnings of miniports are what a user wants to see when a driver refuses its device. */
        uint32_t mask = component->number == NT_PRINT_STORMINIPORT ? ERRORS | WARNINGS : 0;
        (void)nt_registry_get_dword(key, component->name, &mask);
        masks[component->number] |= mask;
    }
}

bool nt_print_is_wanted(const char *driver, uint32_t component, uint32_t level)
{
    uint32_t importance = level < 32 ? 1u << level : level;
    uint32_t mask = component < COMPONENT_COUNT ? masks[component] : mask_of_others;

    if (importance & mask)
        return true;
    if (__builtin_expect(!__atomic_load_n(&has_been_told, __ATOMIC_RELAXED), 0) &&
        !__atomic_exchange_n(&has_been_told, 1, __ATOMIC_RELAXED))
        nt_print("%s: its debug prints are for debuggers and not shown, as on Windows; "
                 "--driver-trace information shows them, and verbose whatever else there is",
                 driver);
    return false;
}
