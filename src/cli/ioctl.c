/*
 * ioctl.c - `storhost ioctl`: one control code to a device of a machine that is served, as an
 * application sends it.
 */
#include "cli.h"
#include "device_socket.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <storhost/handle.h>
#include <string.h>
#include <unistd.h>

enum { INPUT_BYTES_MAX = 16 << 20, ROOM_DEFAULT = 4096, BYTES_A_LINE = 16 };

struct bytes {
    unsigned char *data;
    size_t length;
};

/* ---- input ---- */

/* "hex:0102 03". */
static bool input_parse(const char *text, struct bytes *input)
{
    unsigned nibbles = 0, value = 0;

    input->data = malloc(strlen(text) / 2 + 1);
    if (input->data == NULL)
        return false;
    for (const char *c = text; *c != '\0'; c++) {
        const char *digit = strchr("0123456789abcdef", *c | 0x20);
        if (*c == ' ' || *c == ',')
            continue;
        if (digit == NULL) {
            message("--in hex:%s: '%c' is no hexadecimal digit", text, *c);
            return false;
        }
        value = value << 4 | (unsigned)(digit - "0123456789abcdef");
        if (++nibbles % 2 == 0)
            input->data[input->length++] = (unsigned char)value;
    }
    if (nibbles % 2 != 0)
        message("--in hex:%s: half a byte is left over", text);
    return nibbles % 2 == 0;
}

static int read_whole(int fd, struct bytes *input)
{
    input->data = malloc(INPUT_BYTES_MAX + 1);
    if (input->data == NULL)
        return -ENOMEM;
    for (;;) {
        ssize_t length = read(fd, input->data + input->length, INPUT_BYTES_MAX + 1 - input->length);
        if (length < 0 && errno != EINTR)
            return -errno;
        if (length == 0)
            return 0;
        if (length > 0)
            input->length += (size_t)length;
        if (input->length > INPUT_BYTES_MAX)
            return -EFBIG;
    }
}

static bool input_read(const char *file, struct bytes *input)
{
    if (file == NULL)
        return true;
    if (strncmp(file, "hex:", 4) == 0)
        return input_parse(file + 4, input);
    int fd = strcmp(file, "-") == 0 ? dup(STDIN_FILENO) : open(file, O_RDONLY | O_CLOEXEC);
    int error = fd < 0 ? -errno : read_whole(fd, input);
    if (fd >= 0)
        close(fd);
    if (error != 0)
        message("--in %s: %s", file, strerror(-error));
    return error == 0;
}

/* ---- output ---- */

static void print_bytes(const unsigned char *data, size_t length)
{
    for (size_t at = 0; at < length; at += BYTES_A_LINE) {
        printf("%08zx ", at);
        for (size_t i = at; i < at + BYTES_A_LINE; i++) {
            if (i < length)
                printf(" %02x", data[i]);
            else
                printf("   ");
        }
        printf("  ");
        for (size_t i = at; i < at + BYTES_A_LINE && i < length; i++)
            putchar(data[i] >= 0x20 && data[i] < 0x7F ? data[i] : '.');
        putchar('\n');
    }
}

static bool output_write(const char *file, const unsigned char *data, size_t length)
{
    FILE *out = fopen(file, "w");

    if (out == NULL) {
        message("--out %s: %s", file, strerror(errno));
        return false;
    }
    bool good = fwrite(data, 1, length, out) == length;
    if (fclose(out) != 0 || !good) {
        message("--out %s: cannot be written: %s", file, strerror(errno));
        return false;
    }
    return true;
}

static bool result_show(const struct arguments *arguments, uint32_t status,
                        const unsigned char *data, size_t length)
{
    const char *name = storhost_status_name(status);

    printf("%s 0x%08" PRIX32 ", %zu bytes\n", name != NULL ? name : "NTSTATUS", status, length);
    if (arguments->output_file != NULL)
        return output_write(arguments->output_file, data, length);
    print_bytes(data, length);
    return true;
}

/* ---- the request ---- */

static bool send_code(const struct arguments *arguments, struct storhost_handle *handle,
                      uint32_t code, const struct bytes *input)
{
    size_t room = arguments->has_output_room ? arguments->output_room : ROOM_DEFAULT;
    uint32_t status = 0;
    size_t length = 0;

    if (!arguments->has_output_room && input->length > room)
        room = input->length;
    unsigned char *output = calloc(1, room + 1);
    if (output == NULL) {
        message("out of memory");
        return false;
    }
    /* What a program gives as input is what it finds in the buffer where it has only one. */
    int error = storhost_handle_ioctl(handle, code, input->data, input->length, output, room,
                                      &length, &status);
    bool good = error == 0;
    if (error == -ENODEV && status == 0)
        message("the machine ended while it had the request: what `storhost serve` printed says "
                "why");
    else if (!result_show(arguments, status, output, (int32_t)status < 0 ? 0 : length))
        good = false;
    free(output);
    return good;
}

int command_ioctl(const struct arguments *arguments)
{
    char path[DEVICE_SOCKET_BYTES];
    struct storhost_handle_options options = {
        .size = sizeof(options), .socket = path, .name = arguments->unit};
    struct storhost_error error = {""};
    struct storhost_handle *handle;
    struct bytes input = {0};
    uint32_t code;

    if (arguments->word_count != 2) {
        message("ioctl: give the socket and a control code");
        return EXIT_USAGE;
    }
    if (!storhost_control_code(arguments->words[1], &code)) {
        message("ioctl %s: give a control code as a number, such as 0x4D038, or by its name, such "
                "as IOCTL_SCSI_GET_CAPABILITIES",
                arguments->words[1]);
        return EXIT_USAGE;
    }
    if (!device_socket_path(path, arguments->words[0]))
        return EXIT_USAGE;
    bool good = input_read(arguments->input_file, &input);
    if (good && storhost_handle_open(&handle, &options, NULL, &error) != 0) {
        message("%s", error.text);
        good = false;
    } else if (good) {
        good = send_code(arguments, handle, code, &input);
        storhost_handle_close(handle);
    }
    free(input.data);
    return good ? EXIT_OK : EXIT_RUNTIME;
}
