/*
 * interpreter.c - acpiexec: commands into it, lines out of it.
 *
 * It is meant for people: it prints prompts, notes and errors around what was asked. So each
 * command is followed by a word that it does not know, with a number; when it complains of that
 * word, all before it has been said. Its output is a terminal, because it holds back what goes
 * elsewhere.
 *
 * Rule: tables are somebody else's program. One that hangs, brings the interpreter down or prints
 * without end costs a bounded time and memory, and the interpreter; the machine goes on.
 */
#include "acpi/private.h"

#include "nt/print.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

enum {
    LOOP_S_MAX = 3,    /* a loop of AML ends with an error after this */
    ANSWER_S_MAX = 10, /* of anything */
    START_S_MAX = 20,
    OUTPUT_BYTES_MAX = 64 << 20,
    RESULT_BYTES_MAX = 1 << 20,
    PART_HEAD = 4,
    CALL_FD = 4,
    TABLE_FD = 5,
    WORDS_MAX = TABLES_MAX + 8,
};

/* Compiled from result.asl. */
#include "result.hex"

static struct {
    pid_t pid; /* 0: it does not run */
    int input, output;
    int call_fd;     /* the table of the call that is next; it reads the same file */
    uint64_t number; /* of the last unknown word */
    char *text;      /* what it has said since the last command */
    size_t length, room;
    size_t table_count;
} interpreter;

/* ---- what it says ---- */

static int output_take(void)
{
    if (interpreter.room - interpreter.length < 4096) {
        size_t room = 2 * interpreter.room + 65536;
        if (room > OUTPUT_BYTES_MAX)
            return -EMSGSIZE;
        char *longer = realloc(interpreter.text, room);
        if (longer == NULL)
            return -ENOMEM;
        interpreter.text = longer;
        interpreter.room = room;
    }
    ssize_t length = read(interpreter.output, interpreter.text + interpreter.length,
                          interpreter.room - interpreter.length - 1);
    if (length < 0 && (errno == EINTR || errno == EAGAIN))
        return 0;
    if (length <= 0) /* a terminal that nobody has open any more is EIO */
        return -EPIPE;
    for (ssize_t i = 0; i < length; i++) { /* text goes on to its end */
        char *c = &interpreter.text[interpreter.length + (size_t)i];
        *c = *c == '\0' ? '?' : *c;
    }
    interpreter.length += (size_t)length;
    interpreter.text[interpreter.length] = '\0';
    return 0;
}

/* All up to the complaint about the unknown word. */
static int answer_await(const char *complaint, uint64_t deadline_ns)
{
    size_t looked = 0;

    for (;;) {
        if (interpreter.length != 0 && strstr(interpreter.text + looked, complaint) != NULL)
            return 0;
        size_t tail = strlen(complaint);
        looked = interpreter.length > tail ? interpreter.length - tail : 0;
        uint64_t now_ns = sys_now_ns();
        if (now_ns >= deadline_ns)
            return -ETIMEDOUT;
        struct pollfd watched = {.fd = interpreter.output, .events = POLLIN};
        int ready = poll(&watched, 1, (int)((deadline_ns - now_ns) / SYS_NS_PER_MS) + 1);
        int error = ready > 0 ? output_take() : 0;
        if (error != 0)
            return error;
    }
}

/* ---- commands ---- */

static int text_send(const char *text)
{
    size_t length = strlen(text);

    while (length != 0) {
        ssize_t sent = write(interpreter.input, text, length);
        if (sent < 0 && errno != EINTR)
            return -EPIPE;
        text += sent > 0 ? sent : 0;
        length -= sent > 0 ? (size_t)sent : 0;
    }
    return 0;
}

/* What it says to it is in interpreter.text afterwards. */
static int command_run(const char *command, unsigned patience_s)
{
    char text[256], complaint[64];

    if (interpreter.pid == 0)
        return -EPIPE;
    interpreter.length = 0;
    interpreter.number++;
    snprintf(complaint, sizeof(complaint), "STORHOST-%llu: unknown",
             (unsigned long long)interpreter.number);
    snprintf(text, sizeof(text), "%s\nstorhost-%llu\n", command,
             (unsigned long long)interpreter.number);
    int error = text_send(text);
    if (error == 0)
        error = answer_await(complaint, sys_now_ns() + patience_s * SYS_NS_PER_S);
    return error;
}

int interpreter_list(char **ret_text)
{
    int error = command_run("namespace", ANSWER_S_MAX);

    if (error != 0)
        return error;
    *ret_text = strdup(interpreter.text);
    return *ret_text != NULL ? 0 : -ENOMEM;
}

/* ---- start and end ---- */

bool interpreter_runs(void)
{
    return interpreter.pid != 0;
}

void interpreter_stop(void)
{
    if (interpreter.pid != 0) {
        sys_child_kill(interpreter.pid, SIGKILL);
        (void)sys_child_wait(interpreter.pid, SYS_FOREVER, NULL);
        close(interpreter.input);
        close(interpreter.output);
        close(interpreter.call_fd);
    }
    free(interpreter.text);
    interpreter.text = NULL;
    interpreter.length = interpreter.room = 0;
    interpreter.pid = 0;
}

/* The terminal's side for us, and the side for it. */
static int terminal_open(int *ret_ours, int *ret_theirs)
{
    struct termios settings;
    char name[64];
    int ours = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);

    if (ours < 0)
        return -errno;
    int theirs = -1;
    if (grantpt(ours) == 0 && unlockpt(ours) == 0 && ptsname_r(ours, name, sizeof(name)) == 0)
        theirs = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (theirs < 0 || tcgetattr(theirs, &settings) != 0) {
        int error = -errno;
        if (theirs >= 0)
            close(theirs);
        close(ours);
        return error;
    }
    cfmakeraw(&settings);
    (void)tcsetattr(theirs, TCSANOW, &settings);
    *ret_ours = ours;
    *ret_theirs = theirs;
    return 0;
}

static int process_start(const int *tables, size_t count, int input, int output)
{
    char limit[16], names[TABLES_MAX + 1][32];
    const char *words[WORDS_MAX] = {"acpiexec", "-to", limit};
    struct sys_child_fd fds[TABLES_MAX + 4] = {
        {.parent_fd = input, .child_fd = STDIN_FILENO},
        {.parent_fd = output, .child_fd = STDOUT_FILENO},
        {.parent_fd = interpreter.call_fd, .child_fd = CALL_FD},
    };
    size_t fd_count = 3, word_count = 3;

    snprintf(limit, sizeof(limit), "%d", LOOP_S_MAX);
    for (size_t i = 0; i < count; i++) {
        int fd = TABLE_FD + (int)i;
        snprintf(names[i], sizeof(names[i]), "/proc/self/fd/%d", fd);
        words[word_count++] = names[i];
        fds[fd_count++] = (struct sys_child_fd){.parent_fd = tables[i], .child_fd = fd};
    }
    const struct sys_child_options options = {
        .argv = words,
        .fds = fds,
        .fd_count = fd_count,
        .stderr_fd = output,
        .die_with_us = true,
        .own_group = true,
    };
    return sys_child_start(&interpreter.pid, &options);
}

/* Errors of loading go on record; which of them matter is seen by who evaluates. */
static void errors_print(const char *what)
{
    const char *line = interpreter.text;

    while (line != NULL && *line != '\0') {
        size_t length = strcspn(line, "\n");
        if (memmem(line, length, " Error", 6) != NULL && memmem(line, length, "ACPI", 4) != NULL)
            nt_print("ACPI%s%s: %.*s", *what != '\0' ? " " : "", what,
                     (int)(length < 200 ? length : 200), line);
        line += length + (line[length] == '\n');
    }
}

static int process_begin(const int *tables, size_t count)
{
    int input[2], output = -1, result_fd, all[TABLES_MAX + 1];

    if (pipe2(input, O_CLOEXEC) != 0)
        return -errno;
    int error = terminal_open(&interpreter.output, &output);
    interpreter.call_fd = error == 0 ? memfd_create("ACPI call", MFD_CLOEXEC) : -1;
    if (error == 0 && interpreter.call_fd < 0)
        error = -errno;
    result_fd = error == 0 ? table_from_bytes(result_aml_code, sizeof(result_aml_code)) : -1;
    if (error == 0 && result_fd < 0)
        error = result_fd;
    if (error == 0) {
        memcpy(all, tables, count * sizeof(*tables));
        all[count] = result_fd;
        error = process_start(all, count + 1, input[0], output);
    }
    if (result_fd >= 0)
        close(result_fd);
    close(input[0]);
    if (output >= 0)
        close(output);
    interpreter.input = input[1];
    if (error == 0)
        return 0;
    close(input[1]);
    if (output >= 0)
        close(interpreter.output);
    if (interpreter.call_fd >= 0)
        close(interpreter.call_fd);
    interpreter.pid = 0;
    return error;
}

int interpreter_start(const int *tables, size_t count, char *reason, size_t reason_size)
{
    int error = process_begin(tables, count);

    if (error == -ENOENT)
        snprintf(reason, reason_size,
                 "ACPI: acpiexec (package acpica-tools) is needed: install it");
    else if (error != 0)
        snprintf(reason, reason_size, "ACPI: acpiexec cannot be started: %s", strerror(-error));
    if (error != 0)
        return error;
    error = command_run("", START_S_MAX);
    if (error != 0) {
        const char *what = interpreter.length != 0 ? strstr(interpreter.text, "Error") : NULL;
        snprintf(reason, reason_size, "ACPI: acpiexec does not take the tables: %.*s",
                 what != NULL ? (int)strcspn(what, "\n") : 0, what != NULL ? what : "");
        if (what == NULL)
            snprintf(reason, reason_size, "ACPI: acpiexec does not take the tables: it %s",
                     error == -ETIMEDOUT ? "does not come to an end" : "ended");
        interpreter_stop();
        return error;
    }
    errors_print("");
    return 0;
}

/* ---- calls ---- */

/* The last line that begins so; NULL: there is none. Tables can print, but at the end it is the
 * interpreter that speaks. */
static const char *line_last(const char *beginning)
{
    const char *found = NULL, *line = interpreter.text;

    for (;;) {
        if (strncmp(line, beginning, strlen(beginning)) == 0)
            found = line;
        line = strchr(line, '\n');
        if (line == NULL)
            return found;
        line++;
    }
}

/* Bytes in lines of "0010: 00 01 ...  // ascii", from behind "[Buffer] Length ". */
static int bytes_parse(const char *text, uint8_t **ret_bytes, size_t *ret_size)
{
    char *end;
    size_t size = strtoul(text, &end, 16), have = 0;
    uint8_t *bytes = size <= OUTPUT_BYTES_MAX ? malloc(size + 1) : NULL;

    if (bytes == NULL)
        return -ENOMEM;
    while (have < size) {
        end = strchr(end, ':');
        if (end == NULL)
            break;
        end++;
        for (unsigned i = 0; i < 16 && have < size; i++) {
            while (*end == ' ')
                end++;
            char pair[3] = {end[0], end[0] != '\0' ? end[1] : '\0', '\0'};
            char *stop;
            unsigned long byte = strtoul(pair, &stop, 16);
            if (stop != pair + 2)
                break;
            bytes[have++] = (uint8_t)byte;
            end += 2;
        }
        end += strcspn(end, "\n");
    }
    if (have == size) {
        *ret_bytes = bytes;
        *ret_size = size;
        return 0;
    }
    free(bytes);
    return -EPROTO;
}

/* The first method that was aborted is the one where the error is; ours asked for a result. */
static bool returned_nothing(void)
{
    static const char aborted[] = "ACPI Error: Aborting method ";
    static const char ours[] = "ACPI Error: Aborting method \\XSTC ";
    static const char end[] = "Evaluation of \\XSTC failed with status AE_AML_NO_RETURN_VALUE";
    unsigned count = 0;

    for (const char *line = interpreter.text; line != NULL; line = strchr(line, '\n')) {
        line += *line == '\n';
        count += strncmp(line, aborted, sizeof(aborted) - 1) == 0;
    }
    return count == 1 && line_last(ours) != NULL && line_last(end) != NULL;
}

/* -ENODATA: no buffer was returned. */
static int buffer_returned(const char *method, uint8_t **ret_bytes, size_t *ret_size)
{
    static const char buffer[] = "[Buffer] Length ";
    char good[64];

    snprintf(good, sizeof(good), "Evaluation of %s returned object", method);
    const char *at = line_last(good);
    at = at != NULL ? strstr(at, buffer) : NULL;
    return at != NULL ? bytes_parse(at + sizeof(buffer) - 1, ret_bytes, ret_size) : -ENODATA;
}

/* The parts behind the first. */
static int rest_fetch(uint8_t *bytes, size_t have, size_t size)
{
    while (have < size) {
        char command[64];
        uint8_t *part;
        size_t length;
        snprintf(command, sizeof(command), "evaluate \\XSTG 0x%zX", have);
        int error = command_run(command, ANSWER_S_MAX);
        if (error == 0)
            error = buffer_returned("\\XSTG", &part, &length);
        if (error != 0)
            return error == -ENODATA ? -EPROTO : error;
        bool good = length != 0 && length <= size - have;
        if (good)
            memcpy(bytes + have, part, length);
        have += length;
        free(part);
        if (!good)
            return -EPROTO;
    }
    return 0;
}

static int result_fetch(uint8_t **ret_bytes, size_t *ret_size)
{
    uint8_t *part, *bytes;
    size_t length;
    int error = buffer_returned("\\XSTC", &part, &length);

    if (error != 0)
        return error;
    size_t size = length >= PART_HEAD ? part[0] | (size_t)part[1] << 8 | (size_t)part[2] << 16 |
                                            (size_t)part[3] << 24
                                      : 0;
    length -= length >= PART_HEAD ? PART_HEAD : length;
    bytes = size <= RESULT_BYTES_MAX && length <= size ? malloc(size + 1) : NULL;
    error = bytes == NULL ? -EPROTO : 0;
    if (error == 0) {
        memcpy(bytes, part + PART_HEAD, length);
        error = rest_fetch(bytes, length, size);
    }
    free(part);
    if (error != 0) {
        free(bytes);
        return error;
    }
    *ret_bytes = bytes;
    *ret_size = size;
    return 0;
}

static int outcome(const char *what, uint8_t **ret_bytes, size_t *ret_size)
{
    *ret_bytes = NULL;
    *ret_size = 0;
    if (returned_nothing())
        return 0;
    int error = result_fetch(ret_bytes, ret_size);
    if (error == -ENODATA) {
        errors_print(what);
        error = -EIO;
    }
    return error;
}

int interpreter_call(const uint8_t *table, size_t size, const char *what, uint8_t **ret_bytes,
                     size_t *ret_size)
{
    char command[64];

    if (ftruncate(interpreter.call_fd, 0) != 0 ||
        pwrite(interpreter.call_fd, table, size, 0) != (ssize_t)size)
        return -ENOMEM;
    snprintf(command, sizeof(command), "load /proc/self/fd/%d", CALL_FD);
    int error = command_run(command, ANSWER_S_MAX);
    if (error == 0)
        error = command_run("evaluate \\XSTC", ANSWER_S_MAX);
    int result = error == 0 ? outcome(what, ret_bytes, ret_size) : error;
    if (error == 0)
        error = command_run("unload \\XSTC", ANSWER_S_MAX);
    if (error != 0 && result == 0)
        free(*ret_bytes);
    return error != 0 ? error : result;
}
