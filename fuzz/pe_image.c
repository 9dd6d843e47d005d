/*
 * pe_image.c - any bytes as a Windows image: read, mapped, relocated and bound, and not entered.
 */
#include "image/image_facts.h"
#include "image/image_internal.h"
#include "image/pe_exceptions.h"
#include "sys/sys.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void look_at(struct image *image)
{
    struct image_facts facts;
    char signature[256] = "";
    struct pe_exception_table table;
    const unsigned char *base;
    size_t length;
    char line[128];

    image_facts(image, &facts);
    image_signature(image, signature, sizeof(signature));
    sh_assert(facts.is_windows_image && signature[0] && !strchr(signature, '\n'));
    sh_assert(image_contains_code((const void *)image_entry_point(image)));
    sh_assert(image_describe((const void *)image_entry_point(image), line, sizeof(line), true));
    sh_assert(image_segment_of(image, (const void *)image_entry_point(image), &base, &length));
    sh_assert(pe_exception_table_of(base, &table));
    for (unsigned i = 0; image_writable_at(image, i, &base, &length); i++)
        sh_assert(length == 0 || base[length - 1] == *(volatile const unsigned char *)base ||
                  base[0] == *(volatile const unsigned char *)base);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char text[512] = "";
    const struct image_reason reason = {"FILE", text, sizeof(text)};
    struct image *image = NULL;

    if (size < 2 || data[0] != 'M' || data[1] != 'Z')
        return -1;
    uint8_t *bytes = malloc(size); /* of exact size: a read past it is seen */
    sh_assert(bytes);
    memcpy(bytes, data, size);
    if (image_load_bytes(&image, bytes, size, "fuzzed", &reason) == 0) {
        look_at(image);
        image_unload(image);
    } else {
        sh_assert(text[0] && !strchr(text, '\n'));
    }
    return 0;
}
