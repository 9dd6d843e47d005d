/*
 * pe_configuration.c - the load configuration: what the loader does for the code that a compiler
 * adds for protection.
 */
#include "image/pe_file.h"

#include <string.h>

/* Members hold addresses as if the image lay at its base. */
static int check_address(const struct pe_file *file, uint64_t address, uint64_t size,
                         size_t member_offset, const char *what, struct pe_fault *fault)
{
    if (!address)
        return 0;
    if (address < file->image_base || !pe_in_image(file, address - file->image_base, size))
        return pe_damaged(fault, file->configuration_offset + member_offset,
                          "%s at 0x%llX, outside of the image", what, (unsigned long long)address);
    return 0;
}

int pe_configuration_read(struct pe_file *file, struct pe_fault *fault)
{
    const struct pe_directory *directory = &file->directories[PE_DIRECTORY_LOAD_CONFIGURATION];
    struct pe_load_configuration *configuration = &file->configuration;
    uint32_t size;

    if (!directory->rva)
        return 0;
    file->configuration_offset = pe_offset_of(file, directory->rva);
    if (!pe_read(file, directory->rva, &size, sizeof(size)) ||
        !pe_in_image(file, directory->rva, size))
        return pe_damaged(fault, file->configuration_offset,
                          "a load configuration that lies outside of the image");
    (void)pe_read(file, directory->rva, configuration,
                  size < sizeof(*configuration) ? size : sizeof(*configuration));
    const struct {
        uint64_t address;
        size_t offset;
        const char *what;
    } members[] = {
#define MEMBER(name, what) {configuration->name, offsetof(struct pe_load_configuration, name), what}
        MEMBER(security_cookie, "a security cookie"),
        MEMBER(guard_check, "a pointer for guarded calls"),
        MEMBER(guard_dispatch, "a pointer for guarded calls"),
        MEMBER(guard_extended_check, "a pointer for guarded calls"),
        MEMBER(guard_extended_dispatch, "a pointer for guarded calls"),
        MEMBER(guard_extended_table_dispatch, "a pointer for guarded calls"),
#undef MEMBER
    };
    for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
        int error = check_address(file, members[i].address, sizeof(uint64_t), members[i].offset,
                                  members[i].what, fault);
        if (error)
            return error;
    }
    return 0;
}
