/*
 * ctl.c - `storhost ctl`: one request to the control socket of a running `storhost serve`.
 */
#include "ctl.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

struct bytes {
    char *data;
    size_t length;
};

/* ---- where ---- */

static const char uri_start[] = "nbd+unix:///?socket=";

/* From what the user knows to the path of the control socket. */
static bool address_make(struct sockaddr_un *address, const char *words)
{
    const char *path = words;
    size_t suffix = strlen(CONTROL_SUFFIX);

    if (strncmp(path, uri_start, strlen(uri_start)) == 0) {
        path += strlen(uri_start);
    } else if (strncmp(path, "nbd:", 4) == 0) {
        message("%s: it is served over TCP: give the control socket that `storhost serve` printed",
                words);
        return false;
    }
    bool whole = strlen(path) > suffix && strcmp(path + strlen(path) - suffix, CONTROL_SUFFIX) == 0;
    int length = snprintf(address->sun_path, sizeof(address->sun_path), "%s%s", path,
                          whole ? "" : CONTROL_SUFFIX);
    if (length >= 0 && (size_t)length < sizeof(address->sun_path))
        return true;
    message("%s: too long for the path of a socket: give the path that `storhost serve` printed",
            words);
    return false;
}

static int server_connect(const char *words)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};

    if (!address_make(&address, words))
        return -1;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0)
        return fd;
    message("%s: %s: give the NBD or the control socket of a `storhost serve` that runs",
            address.sun_path, strerror(errno));
    if (fd >= 0)
        close(fd);
    return -1;
}

/* ---- bytes ---- */

/* Reads to the end, at most `limit` bytes. 0 or a negative errno; -EFBIG beyond the limit. */
static int read_all(int fd, size_t limit, struct bytes *ret_bytes)
{
    size_t room = 0;

    for (;;) {
        if (ret_bytes->length == room) {
            room = room == 0 ? 4096 : 2 * room;
            char *longer = realloc(ret_bytes->data, room + 1);
            if (longer == NULL)
                return -ENOMEM;
            ret_bytes->data = longer;
        }
        ssize_t length = read(fd, ret_bytes->data + ret_bytes->length, room - ret_bytes->length);
        if (length < 0 && errno != EINTR)
            return -errno;
        if (length == 0) {
            ret_bytes->data[ret_bytes->length] = '\0';
            return 0;
        }
        if (length > 0)
            ret_bytes->length += (size_t)length;
        if (ret_bytes->length > limit)
            return -EFBIG;
    }
}

static bool input_read(const char *file, struct bytes *input)
{
    if (file == NULL)
        return true;
    int fd = strcmp(file, "-") == 0 ? dup(STDIN_FILENO) : open(file, O_RDONLY | O_CLOEXEC);
    int error = fd < 0 ? -errno : read_all(fd, CONTROL_DATA_BYTES, input);
    if (fd >= 0)
        close(fd);
    if (error == 0)
        return true;
    if (error == -EFBIG)
        message("--in %s: more than %d bytes: a control code takes no more", file,
                CONTROL_DATA_BYTES);
    else
        message("--in %s: %s", file, strerror(-error));
    return false;
}

static bool send_all(int fd, const char *data, size_t length)
{
    while (length > 0) {
        ssize_t sent = send(fd, data, length, MSG_NOSIGNAL);
        if (sent < 0 && errno != EINTR)
            return false;
        if (sent > 0) {
            data += sent;
            length -= (size_t)sent;
        }
    }
    return true;
}

static bool output_write(const char *file, const char *data, size_t length)
{
    FILE *out = file != NULL ? fopen(file, "w") : stdout;

    if (out == NULL) {
        message("--out %s: %s", file, strerror(errno));
        return false;
    }
    bool good = fwrite(data, 1, length, out) == length && fflush(out) == 0;
    int error = errno;
    if (file != NULL && fclose(out) != 0 && good) {
        error = errno;
        good = false;
    }
    if (!good)
        message("%s cannot be written: %s", file != NULL ? file : "standard output",
                strerror(error));
    return good;
}

/* ---- the answer ---- */

static bool answer_print(const struct arguments *arguments, const char *data, size_t length)
{
    if (strcmp(arguments->words[1], "info") == 0) {
        printf("{\"storhost\": \"%s\", \"adapters\": [\n", storhost_version());
        return output_write(NULL, data, length) && printf("\n]}\n") > 0;
    }
    /* The server writes what a recording makes. */
    bool server_writes = strcmp(arguments->words[1], "trace") == 0;
    return output_write(server_writes ? NULL : arguments->output_file, data, length);
}

static bool answer_take(const struct arguments *arguments, const struct bytes *answer)
{
    char *newline = answer->length > 0 ? memchr(answer->data, '\n', answer->length) : NULL;
    size_t length;

    if (newline == NULL) {
        message("ctl %s: the server ended without an answer: what `storhost serve` printed says "
                "why",
                arguments->words[1]);
        return false;
    }
    *newline++ = '\0';
    if (strncmp(answer->data, "error ", 6) == 0) {
        message("%s", answer->data + 6);
        return false;
    }
    size_t rest = answer->length - (size_t)(newline - answer->data);
    if (sscanf(answer->data, "ok %zu", &length) != 1 || length != rest) {
        message("ctl %s: what answers is no `storhost serve` of this version, or it ended while it "
                "answered",
                arguments->words[1]);
        return false;
    }
    return answer_print(arguments, newline, length);
}

static bool request_run(const struct arguments *arguments, const struct bytes *input)
{
    struct bytes answer = {0};
    char line[CONTROL_LINE_BYTES];

    if (!ctl_line_make(line, arguments, input->length))
        return false;
    int fd = server_connect(arguments->words[0]);
    if (fd < 0)
        return false;
    /* A server that refuses may answer before it has read all: its answer tells more than the error
     * of sending. */
    if (send_all(fd, line, strlen(line)))
        send_all(fd, input->data, input->length);
    int error = read_all(fd, CONTROL_ANSWER_BYTES, &answer);
    close(fd);
    bool good = false;
    if (error != 0 && answer.length == 0)
        message("ctl %s: the answer cannot be read: %s", arguments->words[1], strerror(-error));
    else
        good = answer_take(arguments, &answer);
    free(answer.data);
    return good;
}

/* The server may run in another folder. */
static bool path_make(const char *file, struct bytes *input)
{
    char *folder = file[0] == '/' ? strdup("") : getcwd(NULL, 0);
    int length = -1;

    if (folder == NULL)
        message("--out %s: %s", file, strerror(errno));
    else
        length = asprintf(&input->data, "%s%s%s", folder, folder[0] != '\0' ? "/" : "", file);
    free(folder);
    if (length < 0)
        return false;
    input->length = (size_t)length + 1;
    return true;
}

static bool input_make(const struct arguments *arguments, struct bytes *input)
{
    if (strcmp(arguments->words[1], "registry") == 0)
        return ctl_registry_input(arguments, &input->data, &input->length);
    if (strcmp(arguments->words[1], "trace") == 0)
        return arguments->output_file == NULL || path_make(arguments->output_file, input);
    return input_read(arguments->input_file, input);
}

int command_ctl(const struct arguments *arguments)
{
    struct bytes input = {0};
    bool good = input_make(arguments, &input) && request_run(arguments, &input);

    if (input.data != NULL)
        explicit_bzero(input.data, input.length);
    free(input.data);
    return good ? EXIT_OK : EXIT_RUNTIME;
}
