/*
 * image.c - what a driver's file is, for people: when it was linked, where its symbols are, who has
 * signed it, what of its imports is not there.
 */
#include "api/api_internal.h"
#include "api/json_writer.h"
#include "image/image_facts.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { SIGNATURE_SIZE = 256 };

/* ---- for a machine ---- */

static void put_version(struct json_writer *writer, const char *key, struct image_version version)
{
    char text[16];

    snprintf(text, sizeof(text), "%u.%u", version.major, version.minor);
    json_text(writer, key, text);
}

static void put_facts(struct json_writer *writer, const struct image *image,
                      const struct image_facts *facts)
{
    char signature[SIGNATURE_SIZE];

    json_number(writer, facts->timestamp_is_hash ? "timestamp_hash" : "timestamp",
                facts->timestamp);
    json_number(writer, "checksum", facts->checksum);
    put_version(writer, "linker", facts->linker);
    put_version(writer, "system", facts->system);
    put_version(writer, "subsystem", facts->subsystem);
    if (facts->database[0] != '\0') {
        json_text(writer, "database", facts->database);
        json_text(writer, "database_id", facts->database_id);
    }
    json_truth(writer, "security_cookie", facts->has_cookie);
    json_number(writer, "guard_flags", facts->guard_flags);
    json_truth(writer, "relocations", facts->has_relocations);
    json_truth(writer, "shares_pages", facts->shares_pages);
    image_signature(image, signature, sizeof(signature));
    json_text(writer, "signature", signature);
}

static void describe_json(FILE *out, const struct port_driver *driver)
{
    const struct image *image = port_driver_image(driver);
    struct json_writer writer = {.out = out, .depth = 1, .first = true};
    struct image_facts facts;

    image_facts(image, &facts);
    fputc('{', out);
    json_text(&writer, "service", port_driver_service(driver));
    json_text(&writer, "path", port_driver_path(driver));
    json_text(&writer, "container", facts.is_windows_image ? "Windows image" : "module");
    if (facts.is_windows_image)
        put_facts(&writer, image, &facts);
    json_open(&writer, "missing_imports", '[');
    for (size_t i = 0; image_missing_import(image, i) != NULL; i++)
        json_text(&writer, NULL, image_missing_import(image, i));
    json_close(&writer, ']');
    fputs("\n}", out);
}

/* ---- for people ---- */

static void print_time(FILE *out, const struct image_facts *facts)
{
    time_t seconds = facts->timestamp;
    struct tm parts;
    char text[32];

    if (facts->timestamp_is_hash || gmtime_r(&seconds, &parts) == NULL ||
        strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", &parts) == 0)
        fprintf(out, "reproducibly (0x%08" PRIX32 ")", facts->timestamp);
    else
        fprintf(out, "%s UTC", text);
}

static void print_protection(FILE *out, const struct image_facts *facts)
{
    fprintf(out, "  protection      %s",
            facts->has_cookie ? "security cookie" : "no security cookie");
    if (facts->guard_flags != 0)
        fprintf(out, ", control flow guard (0x%" PRIX32 ")", facts->guard_flags);
    if (facts->shares_pages)
        fputs(", sections share pages", out);
    if (!facts->has_relocations)
        fputs(", no relocations", out);
    fputc('\n', out);
}

static void print_facts(FILE *out, const struct image *image, const struct image_facts *facts)
{
    char signature[SIGNATURE_SIZE];

    fputs("  linked          ", out);
    print_time(out, facts);
    fprintf(out, " by linker %u.%u, for Windows %u.%u\n", facts->linker.major, facts->linker.minor,
            facts->subsystem.major, facts->subsystem.minor);
    if (facts->database[0] != '\0')
        fprintf(out, "  symbols         %s %s\n", facts->database, facts->database_id);
    print_protection(out, facts);
    image_signature(image, signature, sizeof(signature));
    fprintf(out, "  signature       %s\n", signature);
}

static void describe_text(FILE *out, const struct port_driver *driver)
{
    const struct image *image = port_driver_image(driver);
    struct image_facts facts;

    image_facts(image, &facts);
    fprintf(out, "driver %s: %s %s\n", port_driver_service(driver),
            facts.is_windows_image ? "Windows image" : "module", port_driver_path(driver));
    if (facts.is_windows_image)
        print_facts(out, image, &facts);
    for (size_t i = 0; image_missing_import(image, i) != NULL; i++)
        fprintf(out, "%s%s", i == 0 ? "  missing         " : ", ", image_missing_import(image, i));
    if (image_missing_import(image, 0) != NULL)
        fputc('\n', out);
}

STORHOST_API bool storhost_driver_signature(struct storhost_driver *driver, char *text, size_t size)
{
    const struct image *image = port_driver_image(driver->driver);
    char signature[SIGNATURE_SIZE];
    struct image_facts facts;

    image_facts(image, &facts);
    if (!facts.is_windows_image)
        return false;
    image_signature(image, signature, sizeof(signature));
    snprintf(text, size, "%s: %s", port_driver_path(driver->driver), signature);
    return true;
}

STORHOST_API int storhost_driver_describe(struct storhost_driver *driver, bool json,
                                          char **ret_text)
{
    char *text = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&text, &length);

    if (out == NULL)
        return -ENOMEM;
    if (json)
        describe_json(out, driver->driver);
    else
        describe_text(out, driver->driver);
    if (fclose(out) != 0) {
        free(text);
        return -ENOMEM;
    }
    *ret_text = text;
    return 0;
}
