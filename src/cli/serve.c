/*
 * serve.c - `storhost serve`: supervises the NBD server that hosts the machine.
 *
 * Rule: when one of the processes ends, for whatever reason, none of the others stays. The server
 * dies with us (--exit-with-parent, and by force when its driver does not let it: guard.c of the
 * plugin), QEMU dies with the server, and when the server ends we say why and end too. The server
 * has a session of its own, so that control-C reaches us alone and the machine is stopped in order:
 * drain, flush, stop.
 */
#include "cli.h"
#include "serve_socket.h"
#include "sys/sys.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { REPORT_FD = 3, REPORT_BYTES = 1024, WORDS_MAX = 64 + SETTINGS_MAX + 64 * ADAPTERS_MAX };

struct serve {
    const struct arguments *arguments;
    struct serve_socket socket;
    char uri[SOCKET_PATH_BYTES + 64];
    pid_t server;
    int report_fd, signal_fd;
    bool ready, failed, stopping, interrupted;
    uint64_t deadline_ns; /* of a start that was interrupted; SYS_FOREVER: none */
};

/* A driver that waits for its device in FindAdapter or HwInitialize may wait for ever: the server
 * says so, and after an interrupt it has so long. */
#define START_MUST_END_NS (5 * SYS_NS_PER_S)

/* ---- the server's command line ---- */

struct words {
    const char *word[WORDS_MAX + 1];
    char *owned[WORDS_MAX];
    size_t count, owned_count;
};

static void add(struct words *words, const char *word)
{
    sh_assert(words->count < WORDS_MAX);
    words->word[words->count++] = word;
}

static void add_key(struct words *words, const char *key, const char *value)
{
    char *word;

    /* Without memory for a short text there is nothing to tell and nobody to tell it. */
    if (asprintf(&word, "%s=%s", key, value) < 0)
        abort();
    words->owned[words->owned_count++] = word;
    add(words, word);
}

static void add_number(struct words *words, const char *key, uint64_t number)
{
    char text[32];

    snprintf(text, sizeof(text), "%llu", (unsigned long long)number);
    if (number != 0)
        add_key(words, key, text);
}

static void words_free(struct words *words)
{
    for (size_t i = 0; i < words->owned_count; i++)
        free(words->owned[i]);
}

static void add_server(struct words *words, struct serve *serve, const char *plugin, char port[16])
{
    const struct arguments *arguments = serve->arguments;

    /* setsid runs the program in a session of its own, as the same process. */
    add(words, "setsid");
    add(words, "nbdkit");
    add(words, "-f");
    add(words, "--exit-with-parent");
    if (arguments->read_only)
        add(words, "-r");
    if (arguments->port != 0) {
        snprintf(port, 16, "%u", arguments->port);
        add(words, "-i");
        add(words, "127.0.0.1");
        add(words, "-p");
        add(words, port);
    } else {
        add(words, "-U");
        add(words, serve->socket.path);
    }
    add(words, plugin);
}

static void add_plugin_options(struct words *words, const struct serve *serve, const char *driver,
                               const char *module)
{
    const struct arguments *arguments = serve->arguments;

    add_key(words, "driver", driver);
    if (*module != '\0')
        add_key(words, "module", module);
    for (size_t i = 0; i < arguments->setting_count; i++)
        add_key(words, "set", arguments->settings[i]);
    for (size_t i = 0; i < arguments->adapter_count; i++) {
        const struct adapter_arguments *adapter = &arguments->adapters[i];
        add_key(words, "device", adapter->device);
        for (size_t k = 0; k < adapter->drive_count; k++)
            add_key(words, "drive", adapter->drives[k]);
        if (adapter->acpi_node != NULL)
            add_key(words, "acpi-node", adapter->acpi_node);
    }
    add_key(words, "interrupts", arguments->interrupts_name);
    add_number(words, "messages", arguments->messages);
    add_number(words, "cpus", arguments->processors);
    add_number(words, "memory", arguments->memory_bytes);
    add_number(words, "low-memory", arguments->low_memory_bytes);
    if (arguments->scatter)
        add_key(words, "scatter", "true");
    if (arguments->driver_trace != NULL)
        add_key(words, "driver-trace", arguments->driver_trace);
    if (arguments->trace != NULL)
        add_key(words, "trace", arguments->trace);
    add_number(words, "trace-limit", arguments->trace_limit_bytes);
    if (arguments->dumps != NULL)
        add_key(words, "dumps", arguments->dumps);
    for (size_t i = 0; i < arguments->registry_count; i++)
        add_key(words, "registry", arguments->registry[i]);
    if (arguments->topology != NULL)
        add_key(words, "topology", arguments->topology);
    for (size_t i = 0; i < arguments->acpi_count; i++)
        add_key(words, "acpi", arguments->acpi[i]);
    add_number(words, "report-fd", REPORT_FD);
    add_key(words, "control", serve->socket.control);
    add_key(words, "devices", serve->socket.devices);
    /* Who names the socket has a program that opens devices, and that may make the disks. */
    if (arguments->devices_socket != NULL)
        add_key(words, "wait", "true");
    if (serve->socket.path[0] != '\0')
        add_key(words, "socket", serve->socket.path);
    if (serve->socket.directory[0] != '\0')
        add_key(words, "private-directory", serve->socket.directory);
}

/* A driver module with sanitizers needs their runtime in the process, and nbdkit has none. Leaks
 * are looked for in the other commands: nbdkit unloads us before its end, and what libraries keep
 * for the life of the process would then look lost. */
static void preload_sanitizer_runtime(void)
{
#ifdef STORHOST_SANITIZER_RUNTIME
    const char *options = getenv("ASAN_OPTIONS");
    char longer[1024];

    snprintf(longer, sizeof(longer), "%s:detect_leaks=0", options != NULL ? options : "");
    setenv("ASAN_OPTIONS", longer, 1);
    setenv("LD_PRELOAD", STORHOST_SANITIZER_RUNTIME, 1);
    setenv("STORHOST_PRELOADED", "1", 1);
#endif
}

static bool server_start(struct serve *serve, const char *driver, const char *module,
                         const char *plugin)
{
    struct words words = {0};
    char port[16];
    int ends[2];

    if (!program_is_installed("nbdkit") || !program_is_installed("setsid")) {
        message("nbdkit (package nbdkit) and setsid (package util-linux) are needed: install them");
        return false;
    }
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) {
        message("a socket pair cannot be made: %s", strerror(errno));
        return false;
    }
    add_server(&words, serve, plugin, port);
    add_plugin_options(&words, serve, driver, module);
    preload_sanitizer_runtime();
    struct sys_child_fd report = {.parent_fd = ends[1], .child_fd = REPORT_FD};
    struct sys_child_options options = {
        .argv = words.word,
        .fds = &report,
        .fd_count = 1,
        .stderr_fd = -1,
    };
    int error = sys_child_start(&serve->server, &options);
    close(ends[1]);
    words_free(&words);
    if (error != 0) {
        message("nbdkit cannot be started: %s", strerror(-error));
        close(ends[0]);
        return false;
    }
    serve->report_fd = ends[0];
    return true;
}

/* ---- what it reports ---- */

static void print_ready(struct serve *serve)
{
    serve->ready = true;
    serve->deadline_ns = SYS_FOREVER;
    printf("control %s\n", serve->socket.control);
    printf("devices %s\n", serve->socket.devices);
    printf("serving %s\n", serve->uri);
    fflush(stdout);
}

/* The end of our side tells the server to stop and to let idle clients go. */
static void stop_begin(struct serve *serve)
{
    serve->stopping = true;
    shutdown(serve->report_fd, SHUT_WR);
}

static bool has_kind(const char *line, const char *kind)
{
    size_t length = strlen(kind);
    return strncmp(line, kind, length) == 0 && line[length] == ' ';
}

static void take_report(struct serve *serve, const char *line)
{
    const char *space = strchr(line, ' ');
    const char *text = space != NULL ? space + 1 : "";

    if (has_kind(line, "unit") || has_kind(line, "changed") || has_kind(line, "gone")) {
        printf("%s\n", line);
        fflush(stdout);
    } else if (has_kind(line, "ready")) {
        print_ready(serve);
    } else if (has_kind(line, "end")) {
        bool lost = strcmp(text, "lost") == 0;
        message(lost ? "the device of the last adapter is gone: serving ends"
                     : "the last adapter was removed: serving ends");
        serve->failed |= lost;
        stop_begin(serve);
    } else if (has_kind(line, "error")) {
        serve->failed = true;
        message("%s", text);
    } else if (has_kind(line, "bugcheck")) {
        serve->failed = true;
        message("the driver stopped the machine: bug check %s", text);
    } else {
        message("%s", text);
    }
}

/* Reads what is there. False at the end of the socket: the server has ended. */
static bool reports_read(struct serve *serve)
{
    char line[REPORT_BYTES + 1];

    for (;;) {
        ssize_t length = recv(serve->report_fd, line, REPORT_BYTES, MSG_DONTWAIT);
        if (length == 0)
            return false;
        if (length < 0)
            return errno == EAGAIN || errno == EINTR;
        line[length] = '\0';
        take_report(serve, line);
    }
}

/* ---- signals ---- */

static void signals_read(struct serve *serve)
{
    struct signalfd_siginfo info;

    while (read(serve->signal_fd, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
        if (serve->interrupted) {
            message("interrupted again: the server is killed; data that was not flushed is lost");
            serve->failed = true;
            sys_child_kill(serve->server, SIGKILL);
            continue;
        }
        serve->interrupted = true;
        if (serve->stopping)
            continue; /* it ends by itself already: the first interrupt is no second one */
        message("stopping: requests are drained and the disks flushed");
        if (!serve->ready)
            serve->deadline_ns = sys_now_ns() + START_MUST_END_NS;
        stop_begin(serve);
    }
}

static int signals_open(void)
{
    sigset_t signals;

    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGHUP);
    sigprocmask(SIG_BLOCK, &signals, NULL);
    return signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
}

/* ---- supervision ---- */

/* Until the deadline, in milliseconds for poll. */
static int patience_ms(const struct serve *serve)
{
    uint64_t now = sys_now_ns();

    if (serve->deadline_ns == SYS_FOREVER)
        return -1;
    return serve->deadline_ns > now ? (int)((serve->deadline_ns - now) / SYS_NS_PER_MS) + 1 : 0;
}

static void deadline_check(struct serve *serve)
{
    if (serve->deadline_ns == SYS_FOREVER || sys_now_ns() < serve->deadline_ns)
        return;
    serve->deadline_ns = SYS_FOREVER;
    message("the driver does not come back from its start: the server is killed");
    serve->failed = true;
    sys_child_kill(serve->server, SIGKILL);
}

static void supervise(struct serve *serve)
{
    struct pollfd watched[2] = {
        {.fd = serve->report_fd, .events = POLLIN},
        {.fd = serve->signal_fd, .events = POLLIN},
    };

    for (;;) {
        if (poll(watched, 2, patience_ms(serve)) < 0 && errno != EINTR)
            break;
        deadline_check(serve);
        if (watched[1].revents != 0)
            signals_read(serve);
        if (watched[0].revents != 0 && !reports_read(serve))
            break;
    }
}

/* The exit status of the command, from how the server ended. */
static int server_judge(const struct serve *serve, int status)
{
    if (WIFEXITED(status) && WEXITSTATUS(status) == EXIT_BUGCHECK)
        return EXIT_BUGCHECK;
    if (serve->failed)
        return EXIT_RUNTIME;
    if (WIFSIGNALED(status)) {
        message("the NBD server was ended by signal %d (%s): data that was not flushed is lost",
                WTERMSIG(status), strsignal(WTERMSIG(status)));
        return EXIT_RUNTIME;
    }
    if (WEXITSTATUS(status) != 0) {
        message("the NBD server ended with status %d: what it printed above says why",
                WEXITSTATUS(status));
        return EXIT_RUNTIME;
    }
    if (serve->stopping)
        return EXIT_OK;
    message("the NBD server ended by itself, which it should not: start again");
    return EXIT_RUNTIME;
}

static int server_run(struct serve *serve, const char *driver, const char *module,
                      const char *plugin)
{
    int status = 0;

    if (!server_start(serve, driver, module, plugin))
        return EXIT_RUNTIME;
    supervise(serve);
    /* Its end of the socket is closed, so it has ended or is about to. */
    int error = sys_child_wait(serve->server, SYS_FOREVER, &status);
    close(serve->report_fd);
    if (error != 0) {
        message("the NBD server cannot be awaited: %s", strerror(-error));
        return EXIT_RUNTIME;
    }
    return server_judge(serve, status);
}

int command_serve(const struct arguments *arguments)
{
    struct serve serve = {.arguments = arguments, .report_fd = -1, .deadline_ns = SYS_FOREVER};
    char driver[FILE_NAME_BYTES], module[FILE_NAME_BYTES], plugin[FILE_NAME_BYTES];

    if (!driver_find(driver, arguments->driver) || !module_find(module, arguments) ||
        !plugin_find(plugin))
        return EXIT_RUNTIME;
    serve.signal_fd = signals_open();
    if (serve.signal_fd < 0) {
        message("signals cannot be received: %s", strerror(errno));
        return EXIT_RUNTIME;
    }
    if (!serve_socket_prepare(&serve.socket, arguments->nbd_socket, arguments->devices_socket,
                              arguments->port != 0)) {
        close(serve.signal_fd);
        return EXIT_RUNTIME;
    }
    if (arguments->port != 0)
        snprintf(serve.uri, sizeof(serve.uri), "nbd://127.0.0.1:%u", arguments->port);
    else
        snprintf(serve.uri, sizeof(serve.uri), "nbd+unix:///?socket=%s", serve.socket.path);
    int status = server_run(&serve, driver, module, plugin);
    serve_socket_remove(&serve.socket);
    close(serve.signal_fd);
    return status;
}
