/*
 * device_socket.c - see device_socket.h.
 */
#include "device_socket.h"

#include "cli.h"
#include "export/nbd/control_protocol.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static const char uri_start[] = "nbd+unix:///?socket=";

static bool ends_with(const char *text, const char *end)
{
    size_t length = strlen(text), tail = strlen(end);

    return length > tail && strcmp(text + length - tail, end) == 0;
}

bool device_socket_path(char path[DEVICE_SOCKET_BYTES], const char *words)
{
    struct stat status;

    if (strncmp(words, uri_start, strlen(uri_start)) == 0)
        words += strlen(uri_start);
    int cut = ends_with(words, CONTROL_SUFFIX) ? (int)strlen(CONTROL_SUFFIX) : 0;
    int length = snprintf(path, DEVICE_SOCKET_BYTES, "%.*s%s", (int)strlen(words) - cut, words,
                          DEVICES_SUFFIX);
    /* A socket of another name was given by `--devices`: it is taken as it is. */
    bool beside = length > 0 && length < DEVICE_SOCKET_BYTES && stat(path, &status) == 0 &&
                  S_ISSOCK(status.st_mode);
    if (!beside)
        length = snprintf(path, DEVICE_SOCKET_BYTES, "%s", words);
    if (length > 0 && length < DEVICE_SOCKET_BYTES)
        return true;
    message("%s: too long for the path of a socket: give the one that `storhost serve` printed",
            words);
    return false;
}
