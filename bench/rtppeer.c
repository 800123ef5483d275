/*
 * rtppeer: the far end of many calls' audio. Sends PCMU on every stream and measures what it receives.
 *
 *   rtppeer -a ADDRESS -p FIRST_PORT -n STREAMS -l CALL_LOG [-q CALLEE_PORT -c CALLEE_LOG] [-s] [-t] [-d DIRECTORY -e EVERY]
 *
 * Call k (from 1) uses the RTP port FIRST_PORT + 4 (k - 1), which is where sipp's [auto_media_port+100] points.
 * CALL_LOG is what sipp's <log> writes: "RTP #k ADDRESS PORT" starts a stream towards that address, "END #k" ends it.
 * With -c there are as many streams again, for the callees of a bridge: ports from CALLEE_PORT on, log CALLEE_LOG.
 * With -s each packet carries the time it was sent at, and the time it took is measured (lat_, ms): for relays only.
 * With -t call k sends a steady tone of 300 + (k - 1) * (3100 / STREAMS) Hz instead of speech, the amplitude of which is
 * 4000 / sqrt(STREAMS), so that all together stay within what PCMU carries.
 * Commands, one a line on standard input: "start" begins a measuring window, "stop" ends it. End of input ends the
 * program. Answers, one JSON object a line on standard output:
 *   {"event":"ready"}, {"event":"first","call":k,"at_ns":N} for the first packet of a call that is not silence
 *   (kernel's arrival stamp, ns since 1970), and {"event":"window",...} after "stop".
 * With -d, the payload of every EVERY-th stream in the window is written to DIRECTORY/k.ulaw.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/net_tstamp.h>
#include <math.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

enum {
  PORT_STEP = 4,
  FRAME = 160,           /* bytes of PCMU in 20 ms */
  RTP_HEADER = 12,
  SLOTS = 20,            /* streams send in the slot of 1 ms they were given */
  SPEECH = 8000 * 4,     /* samples of the sound we send, repeated */
  BINS = 10000,          /* histogram bins of 0.1 ms: up to 1 s */
  MAX_SAMPLE = FRAME * 150,
  SECOND = 8000,         /* a tone of whole Hz begins anew each second */
  LOWEST_HZ = 300,
  TONE_RANGE_HZ = 3100,
  STAMP = 12,            /* bytes of magic and time at the start of the payload */
  ID_TIMER = -1,
  ID_INPUT = -2,
};

typedef struct {
  int fd, call, slot, next_in_slot;
  bool active;
  struct sockaddr_in remote;
  uint16_t send_seq;
  uint32_t send_timestamp, send_ssrc, speech_at;
  const uint8_t *sound;  /* speech of all, or a tone of its own */
  int sound_length;
  bool heard, sounded;   /* got a packet; got one that is not silence */
  uint32_t ssrc, overflow;
  uint16_t seq;
  uint64_t arrival_ns, window_received;
  uint8_t *sample;
  int sample_length;
} Stream;

static struct {
  bool open;
  uint64_t since_ns, received, lost, reordered, dropped, other, sent, send_errors, gap_max_ns, gaps, gaps_close;
  uint64_t stamped, latency_max_ns;
  uint32_t gap[BINS + 1], lateness[BINS + 1], latency[BINS + 1];
} window;

static Stream *streams;
static int stream_count, per_side, active_count, started_count, first_port, callee_port, sample_every;
static bool stamps, tones;
static int slot_head[SLOTS];
static const char *address = "127.0.0.1", *call_log, *callee_log, *sample_directory;
static uint8_t speech[SPEECH];

static void fail(const char *what) {
  fprintf(stderr, "rtppeer: %s: %s\n", what, strerror(errno));
  exit(1);
}

static uint64_t now_ns(clockid_t clock) {
  struct timespec t;
  clock_gettime(clock, &t);
  return t.tv_sec * 1000000000ull + t.tv_nsec;
}

/* ---- sound ---- */

static uint8_t ulaw_encode(int sample) {  /* ITU-T G.711 */
  int sign = sample < 0 ? 0x80 : 0, magnitude = abs(sample), exponent = 7;
  if (magnitude > 32635) magnitude = 32635;
  magnitude += 0x84;
  while (exponent > 0 && !(magnitude & (0x80 << exponent))) exponent--;
  return ~(sign | exponent << 4 | (magnitude >> (exponent + 3) & 0x0f));
}

/* Syllable-like bursts of a buzzy voice, with pauses. */
static void make_speech(void) {
  for (int i = 0; i < SPEECH; i++) {
    double t = i / 8000.0, voice = 0;
    double envelope = fmod(t, 2) < 1.4 ? fmax(0, sin(2 * M_PI * 3.1 * t)) : 0;
    for (int harmonic = 1; harmonic < 12; harmonic++) voice += sin(2 * M_PI * 120 * harmonic * t) / harmonic;
    speech[i] = ulaw_encode((int)(envelope * voice * 5000));
  }
}

static const uint8_t *make_tone(int index) {
  uint8_t *tone = malloc(SECOND);
  int hz = LOWEST_HZ + index * (TONE_RANGE_HZ / per_side);
  double amplitude = 4000 / sqrt(per_side);
  for (int i = 0; i < SECOND; i++) tone[i] = ulaw_encode((int)lrint(amplitude * sin(2 * M_PI * hz * i / SECOND)));
  return tone;
}

/* Silence and comfort noise stay below a magnitude of about 100 of 32,767. */
static bool is_silence(const uint8_t *payload, int length) {
  int loud = 0;
  for (int i = 0; i < length; i++) loud += (uint8_t)(~payload[i] & 0x7f) > 0x0c;
  return loud < 8;
}

/* ---- streams ---- */

static int bound_socket(int port) {
  int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0), on = 1;
  struct sockaddr_in local = {.sin_family = AF_INET, .sin_port = htons(port)};
  inet_aton(address, &local.sin_addr);
  if (fd < 0 || bind(fd, (void *)&local, sizeof local)) {
    char text[64];
    snprintf(text, sizeof text, "UDP port %d", port);
    fail(text);
  }
  setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on);
  setsockopt(fd, SOL_SOCKET, SO_RXQ_OVFL, &on, sizeof on);
  return fd;
}

static void open_streams(int epoll) {
  streams = calloc(stream_count, sizeof *streams);
  for (int i = 0; i < SLOTS; i++) slot_head[i] = -1;
  for (int i = 0; i < stream_count; i++) {
    int k = i % per_side, port = (i < per_side ? first_port : callee_port) + k * PORT_STEP;
    streams[i].call = k + 1;
    streams[i].sound = tones ? make_tone(k) : speech;
    streams[i].sound_length = tones ? SECOND : SPEECH;
    streams[i].fd = bound_socket(port);
    bound_socket(port + 1);  /* RTCP is taken and never read: no ICMP error goes back */
    struct epoll_event event = {.events = EPOLLIN, .data.u64 = (uint64_t)i};
    epoll_ctl(epoll, EPOLL_CTL_ADD, streams[i].fd, &event);
  }
}

static Stream *stream_of(int side, int call) {
  return call >= 1 && call <= per_side ? &streams[side * per_side + call - 1] : NULL;
}

static void start_stream(int side, int call, const char *ip, int port) {
  Stream *s = stream_of(side, call);
  if (s == NULL) return;
  s->remote = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons(port)};
  inet_aton(ip, &s->remote.sin_addr);
  if (s->active) return;
  s->active = true;
  s->send_ssrc = 0x10000 + call + ((uint32_t)started_count << 17);
  s->send_seq = call;
  s->send_timestamp = call * 7;
  s->speech_at = started_count * 4960 % s->sound_length / FRAME * FRAME;
  s->slot = started_count % SLOTS;
  s->next_in_slot = slot_head[s->slot];
  slot_head[s->slot] = s - streams;
  started_count++;
  active_count++;
}

static void end_stream(int side, int call) {
  Stream *s = stream_of(side, call);
  if (s == NULL || !s->active) return;
  s->active = false;
  active_count--;
  int *link = &slot_head[s->slot];
  while (*link >= 0 && *link != s - streams) link = &streams[*link].next_in_slot;
  if (*link >= 0) *link = s->next_in_slot;
}

/* ---- sipp's log ---- */

static void call_log_line(int side, const char *line) {
  const char *at;
  char ip[64];
  int call, port;
  if ((at = strstr(line, "RTP #")) && sscanf(at, "RTP #%d %63s %d", &call, ip, &port) == 3) start_stream(side, call, ip, port);
  else if ((at = strstr(line, "END #")) && sscanf(at, "END #%d", &call) == 1) end_stream(side, call);
}

static void follow_log(int side, const char *path) {
  static struct { char buffer[65536]; int file, length; } logs[2];  /* file: the descriptor + 1 */
  char *buffer = logs[side].buffer;
  int n, room = sizeof logs[side].buffer - 1;
  if (logs[side].file == 0 && (logs[side].file = open(path, O_RDONLY) + 1) == 0) return;
  while ((n = read(logs[side].file - 1, buffer + logs[side].length, room - logs[side].length)) > 0) {
    int length = logs[side].length + n;
    buffer[length] = 0;
    char *line = buffer, *end;
    for (; (end = strchr(line, '\n')); line = end + 1) {
      *end = 0;
      call_log_line(side, line);
    }
    length -= line - buffer;
    memmove(buffer, line, length);
    logs[side].length = length >= room ? 0 : length;
  }
}

static void follow_call_log(void) {
  follow_log(0, call_log);
  if (callee_log != NULL) follow_log(1, callee_log);
}

/* ---- sending ---- */

static const char MAGIC[] = "VXRP";

static void count_in(uint32_t *histogram, uint64_t ns) {
  uint64_t bin = ns / 100000;
  histogram[bin > BINS ? BINS : bin]++;
}

static void send_slot(int slot, uint64_t due_ns) {
  uint8_t packet[RTP_HEADER + FRAME] = {0x80, 0};
  for (int i = slot_head[slot]; i >= 0; i = streams[i].next_in_slot) {
    Stream *s = &streams[i];
    uint16_t seq = htons(s->send_seq++);
    uint32_t timestamp = htonl(s->send_timestamp), ssrc = htonl(s->send_ssrc);
    s->send_timestamp += FRAME;
    memcpy(packet + 2, &seq, 2);
    memcpy(packet + 4, &timestamp, 4);
    memcpy(packet + 8, &ssrc, 4);
    memcpy(packet + RTP_HEADER, s->sound + s->speech_at, FRAME);
    s->speech_at = (s->speech_at + FRAME) % s->sound_length;
    if (stamps) {
      uint64_t sent_ns = now_ns(CLOCK_REALTIME);
      memcpy(packet + RTP_HEADER, MAGIC, sizeof MAGIC - 1);
      memcpy(packet + RTP_HEADER + sizeof MAGIC - 1, &sent_ns, sizeof sent_ns);
    }
    if (sendto(s->fd, packet, sizeof packet, MSG_DONTWAIT, (void *)&s->remote, sizeof s->remote) < 0) window.send_errors++;
    else window.sent++;
  }
  if (window.open) count_in(window.lateness, now_ns(CLOCK_MONOTONIC) - due_ns);
}

/* ---- receiving ---- */

static void keep_sample(Stream *s, const uint8_t *payload, int length, int missing) {
  if (s->sample == NULL) return;
  for (; missing > 0 && s->sample_length + FRAME <= MAX_SAMPLE; missing--, s->sample_length += FRAME)
    memset(s->sample + s->sample_length, 0xff, FRAME);
  if (s->sample_length + length > MAX_SAMPLE) return;
  memcpy(s->sample + s->sample_length, payload, length);
  s->sample_length += length;
}

static void measure(Stream *s, uint32_t ssrc, uint16_t seq, uint64_t arrival_ns, const uint8_t *payload, int length) {
  int16_t ahead = seq - s->seq;
  if (window.open) {
    window.received++;
    s->window_received++;
  }
  if (!s->heard || ssrc != s->ssrc) {
    s->heard = true;
    s->ssrc = ssrc;
    ahead = 1;
  } else if (ahead > 0) {
    if (window.open) window.lost += ahead - 1;
    if (window.open && s->arrival_ns >= window.since_ns) {
      uint64_t gap = arrival_ns - s->arrival_ns;
      count_in(window.gap, gap);
      window.gaps++;
      window.gaps_close += gap < 5000000;
      if (gap > window.gap_max_ns) window.gap_max_ns = gap;
    }
  } else {
    if (window.open) {
      window.reordered++;
      if (ahead < 0 && window.lost > 0) window.lost--;  /* late, not lost */
    }
    return;
  }
  s->seq = seq;
  s->arrival_ns = arrival_ns;
  if (window.open) keep_sample(s, payload, length, ahead - 1);
}

static void measure_latency(uint64_t arrival_ns, const uint8_t *payload, int length) {
  uint64_t sent_ns;
  if (!window.open || length < STAMP || memcmp(payload, MAGIC, sizeof MAGIC - 1) != 0) return;
  memcpy(&sent_ns, payload + sizeof MAGIC - 1, sizeof sent_ns);
  if (sent_ns > arrival_ns) return;
  uint64_t ns = arrival_ns - sent_ns;
  count_in(window.latency, ns);
  window.stamped++;
  if (ns > window.latency_max_ns) window.latency_max_ns = ns;
}

static void receive(Stream *s) {
  uint8_t packet[2048], control[256];
  struct iovec io = {packet, sizeof packet};
  struct msghdr message = {.msg_iov = &io, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
  int length = recvmsg(s->fd, &message, MSG_DONTWAIT);
  if (length < 0) return;
  if (length < RTP_HEADER || (packet[0] & 0xc0) != 0x80 || (packet[1] & 0x7f) != 0) {
    window.other++;
    return;
  }
  uint64_t arrival_ns = 0;
  uint32_t overflow = s->overflow;
  for (struct cmsghdr *c = CMSG_FIRSTHDR(&message); c; c = CMSG_NXTHDR(&message, c)) {
    if (c->cmsg_level != SOL_SOCKET) continue;
    if (c->cmsg_type == SCM_TIMESTAMPNS) {
      struct timespec t;
      memcpy(&t, CMSG_DATA(c), sizeof t);
      arrival_ns = t.tv_sec * 1000000000ull + t.tv_nsec;
    } else if (c->cmsg_type == SO_RXQ_OVFL) memcpy(&overflow, CMSG_DATA(c), sizeof overflow);
  }
  if (arrival_ns == 0) arrival_ns = now_ns(CLOCK_REALTIME);
  window.dropped += overflow - s->overflow;
  s->overflow = overflow;

  int header = RTP_HEADER + 4 * (packet[0] & 0x0f);
  if (header > length) header = length;
  uint16_t seq;
  uint32_t ssrc;
  memcpy(&seq, packet + 2, 2);
  memcpy(&ssrc, packet + 8, 4);
  measure(s, ssrc, ntohs(seq), arrival_ns, packet + header, length - header);
  if (stamps) measure_latency(arrival_ns, packet + header, length - header);
  if (!s->sounded && !is_silence(packet + header, length - header)) {
    s->sounded = true;
    printf("{\"event\":\"first\",\"call\":%d,\"at_ns\":%llu}\n", s->call, (unsigned long long)arrival_ns);
    fflush(stdout);
  }
}

/* ---- the window ---- */

static void start_window(void) {
  memset(&window, 0, sizeof window);
  for (int i = 0; i < stream_count; i++) {
    Stream *s = &streams[i];
    s->window_received = 0;
    s->sample_length = 0;
    if (sample_directory && s->active && i % sample_every == 0 && s->sample == NULL) s->sample = malloc(MAX_SAMPLE);
  }
  window.since_ns = now_ns(CLOCK_REALTIME);
  window.open = true;
}

/* The upper edge, in ms, of the bin that holds the share `q`. */
static double quantile(const uint32_t *histogram, double q) {
  uint64_t total = 0, seen = 0;
  for (int i = 0; i <= BINS; i++) total += histogram[i];
  if (total == 0) return 0;
  for (int i = 0; i <= BINS; i++) {
    seen += histogram[i];
    if (seen >= q * total) return (i + 1) / 10.0;
  }
  return (BINS + 1) / 10.0;
}

static void write_sample(const Stream *s) {
  char path[512];
  snprintf(path, sizeof path, "%s/%d.ulaw", sample_directory, s->call);
  FILE *file = fopen(path, "wb");
  if (file == NULL) fail(path);
  fwrite(s->sample, 1, s->sample_length, file);
  fclose(file);
}

static void stop_window(void) {
  window.open = false;
  double seconds = (now_ns(CLOCK_REALTIME) - window.since_ns) / 1e9, expected = active_count * seconds * 50, slowest = 1e9;
  int with_packets = 0, slow = 0;
  uint64_t received = 0;
  for (int i = 0; i < stream_count; i++) {
    Stream *s = &streams[i];
    if (s->sample != NULL) write_sample(s);
    if (!s->active) continue;
    double rate = s->window_received / seconds;
    with_packets += s->window_received > 0;
    received += s->window_received;
    slow += rate < 49.5;
    if (rate < slowest) slowest = rate;
  }
  printf("{\"event\":\"window\",\"dur\":%.3f,\"active\":%d,\"withrx\":%d,\"low_rate_streams\":%d,\"min_pps\":%.1f,"
         "\"rx\":%llu,\"tx\":%llu,\"txerr\":%llu,\"other\":%llu,\"expected\":%.0f,\"shortfall_pct\":%.3f,"
         "\"seq_lost\":%llu,\"reord\":%llu,\"sockdrop\":%llu,"
         "\"ia_p50\":%.1f,\"ia_p95\":%.1f,\"ia_p99\":%.1f,\"ia_p999\":%.1f,\"ia_max\":%.1f,\"ia_under_5ms_pct\":%.4f,"
         "\"lat_n\":%llu,\"lat_p50\":%.1f,\"lat_p95\":%.1f,\"lat_p99\":%.1f,\"lat_max\":%.1f,"
         "\"txlate_p99\":%.1f,\"txlate_max\":%.1f}\n",
         seconds, active_count, with_packets, slow, active_count ? slowest : 0,
         (unsigned long long)window.received, (unsigned long long)window.sent, (unsigned long long)window.send_errors,
         (unsigned long long)window.other, expected, expected > 0 ? 100 * (1 - received / expected) : 0,
         (unsigned long long)window.lost, (unsigned long long)window.reordered, (unsigned long long)window.dropped,
         quantile(window.gap, .5), quantile(window.gap, .95), quantile(window.gap, .99), quantile(window.gap, .999),
         window.gap_max_ns / 1e6, window.gaps ? 100.0 * window.gaps_close / window.gaps : 0,
         (unsigned long long)window.stamped, quantile(window.latency, .5), quantile(window.latency, .95),
         quantile(window.latency, .99), window.latency_max_ns / 1e6,
         quantile(window.lateness, .99), quantile(window.lateness, 1));
  fflush(stdout);
}

/* ---- commands ---- */

static bool read_commands(void) {  /* false: the input has ended */
  static char buffer[256];
  static int length;
  int n = read(STDIN_FILENO, buffer + length, sizeof buffer - 1 - length);
  if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) return false;
  if (n < 0) return true;
  length += n;
  buffer[length] = 0;
  char *line = buffer, *end;
  for (; (end = strchr(line, '\n')); line = end + 1) {
    *end = 0;
    if (strcmp(line, "start") == 0) start_window();
    else if (strcmp(line, "stop") == 0) stop_window();
    else fprintf(stderr, "rtppeer: unknown command %s\n", line);
  }
  length -= line - buffer;
  memmove(buffer, line, length);
  return true;
}

static void read_arguments(int argc, char **argv) {
  for (int option; (option = getopt(argc, argv, "a:p:n:l:q:c:std:e:")) != -1;) switch (option) {
    case 'a': address = optarg; break;
    case 'p': first_port = atoi(optarg); break;
    case 'n': per_side = atoi(optarg); break;
    case 'q': callee_port = atoi(optarg); break;
    case 'c': callee_log = optarg; break;
    case 's': stamps = true; break;
    case 't': tones = true; break;
    case 'l': call_log = optarg; break;
    case 'd': sample_directory = optarg; break;
    case 'e': sample_every = atoi(optarg); break;
    default: exit(2);
  }
  if (first_port <= 0 || per_side <= 0 || call_log == NULL || (callee_log && callee_port <= 0) ||
      (sample_directory && sample_every <= 0)) {
    fprintf(stderr, "usage: rtppeer -a ADDRESS -p FIRST_PORT -n STREAMS -l CALL_LOG [-q CALLEE_PORT -c CALLEE_LOG] [-s] "
                    "[-t] [-d DIRECTORY -e EVERY]\n");
    exit(2);
  }
  stream_count = callee_log ? 2 * per_side : per_side;
}

int main(int argc, char **argv) {
  read_arguments(argc, argv);
  struct rlimit files;
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
  make_speech();

  int epoll = epoll_create1(0), timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
  open_streams(epoll);
  struct itimerspec every_ms = {{0, 1000000}, {0, 1000000}};
  timerfd_settime(timer, 0, &every_ms, NULL);
  struct epoll_event event = {.events = EPOLLIN, .data.u64 = (uint64_t)(int64_t)ID_TIMER};
  epoll_ctl(epoll, EPOLL_CTL_ADD, timer, &event);
  event.data.u64 = (uint64_t)(int64_t)ID_INPUT;
  epoll_ctl(epoll, EPOLL_CTL_ADD, STDIN_FILENO, &event);
  printf("{\"event\":\"ready\"}\n");
  fflush(stdout);

  uint64_t epoch_ns = now_ns(CLOCK_MONOTONIC), tick = 0;
  struct epoll_event events[256];
  for (;;) {
    int n = epoll_wait(epoll, events, 256, 100);
    for (uint64_t due = (now_ns(CLOCK_MONOTONIC) - epoch_ns) / 1000000; tick < due;) {
      tick++;
      send_slot(tick % SLOTS, epoch_ns + tick * 1000000);
      if (tick % 10 == 0) follow_call_log();
    }
    for (int i = 0; i < n; i++) {
      int64_t id = (int64_t)events[i].data.u64;
      uint64_t expirations;
      if (id >= 0) receive(&streams[id]);
      else if (id == ID_INPUT && !read_commands()) return 0;
      else if (id == ID_TIMER && read(timer, &expirations, sizeof expirations) < 0 && errno != EAGAIN) fail("timer");
    }
  }
}
