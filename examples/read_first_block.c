/*
 * read_first_block.c - runs a miniport, reads the first block of its first disk, prints it.
 *
 *   cc read_first_block.c -lstorhost -o read_first_block
 *   ./read_first_block build/miniports/ramdisk.so none
 *   ./read_first_block build/miniports/nvme.so qemu:nvme,serial=x file=disk.img,format=raw
 */
#include <stdio.h>
#include <stdlib.h>
#include <storhost/storhost.h>
#include <string.h>

/* Without a log function, lines of the host and of the driver go to stderr. */
static const struct storhost_options machine = {.size = sizeof(machine), .processors = 2};

static int print_first_block(struct storhost_unit *unit)
{
    struct storhost_unit_info info = {.size = sizeof(info)};
    int error = storhost_unit_describe(unit, &info);
    if (error != 0 || info.block_size == 0) {
        fprintf(stderr, "the unit is no disk that can be read: %s\n", strerror(-error));
        return 1;
    }
    printf("%s %s: %llu blocks of %u bytes\n", info.vendor, info.product,
           (unsigned long long)info.block_count, info.block_size);

    unsigned char *block = storhost_buffer_allocate(info.block_size);
    if (block == NULL) {
        fprintf(stderr, "no memory\n");
        return 1;
    }
    error = storhost_read(unit, block, info.block_size, 0, 0);
    if (error != 0)
        fprintf(stderr, "the first block cannot be read: %s\n", strerror(-error));
    for (unsigned i = 0; error == 0 && i < 64; i++)
        printf("%02x%c", block[i], i % 16 == 15 ? '\n' : ' ');
    storhost_buffer_free(block);
    return error != 0;
}

static int use_adapter(struct storhost_driver *driver, const char *device, const char *drive)
{
    const struct storhost_adapter_options options = {
        .size = sizeof(options),
        .device = device,
        .drives = &drive,
        .drive_count = drive != NULL ? 1 : 0,
    };
    struct storhost_adapter *adapter;
    struct storhost_error error;
    int status = 1;

    if (storhost_adapter_start(&adapter, driver, &options, &error) != 0) {
        fprintf(stderr, "%s\n", error.text);
        return 1;
    }
    struct storhost_unit *unit = storhost_unit_get(adapter, 0);
    if (unit != NULL)
        status = print_first_block(unit);
    else
        fprintf(stderr, "%s: no logical unit was found\n", device);
    storhost_unit_release(unit);
    if (storhost_adapter_stop(adapter, &error) != 0) {
        fprintf(stderr, "%s\n", error.text);
        status = 1;
    }
    return status;
}

int main(int argc, char **argv)
{
    struct storhost_driver_options driver_options = {.size = sizeof(driver_options)};
    struct storhost_driver *driver;
    struct storhost_error error;

    if (argc < 3) {
        fprintf(stderr, "usage: %s MODULE DEVICE [DRIVE]\n", argv[0]);
        return 2;
    }
    driver_options.path = argv[1];
    if (storhost_start(&machine, &error) != 0) {
        fprintf(stderr, "%s\n", error.text);
        return 1;
    }
    int status = 1;
    if (storhost_driver_load(&driver, &driver_options, &error) == 0) {
        status = use_adapter(driver, argv[2], argc > 3 ? argv[3] : NULL);
        storhost_driver_unload(driver);
    } else {
        fprintf(stderr, "%s\n", error.text);
    }
    storhost_stop();
    return status;
}
