/*
 * rtppeer: the far end of many calls' audio. Sends PCMU (or what it is given) on every stream and measures what it receives.
 *
 *   rtppeer -a ADDRESS -p FIRST_PORT -n STREAMS -l CALL_LOG [-q CALLEE_PORT -c CALLEE_LOG] [-o DIRECTORY] [-s | -t AMPLITUDE]
 *           [-w] [-d DIRECTORY -e EVERY]
 *
 * Call k (from 1) uses the RTP port FIRST_PORT + 4 (k - 1), which is where sipp's [auto_media_port+100] points; call 2501
 * has that of call 1 again, which must be over by then.
 * CALL_LOG is what sipp's <log> writes: "RTP #k ADDRESS PORT" starts a stream towards that address, "END #k" ends it.
 * With -c there are as many streams again, for the callees of a bridge: ports from CALLEE_PORT on, log CALLEE_LOG.
 * With -o the callers send and take packets of 20 ms from files: the first one those of DIRECTORY/1.CODEC, the next one those
 * of 2.CODEC and so on, again and again; CODEC is pcmu, pcma, g722 or opus (payload types 0, 8, 9, 111). Such a file is a row
 * of packets, each with its length before it (16 bits, big-endian).
 * With -s each packet carries the time it was sent at and the call it is of, and the time until its sound comes back is
 * measured (lat_, ms): from the sending of a packet to the arrival of the one that holds its first sample, and the place of
 * that sample in it. `lat_own` of them came back to the call that sent them.
 * With -t call k sends a steady tone of 300 + (k - 1) * (3100 / STREAMS) Hz instead of speech.
 * Commands, one a line on standard input: "start" begins a measuring window, "stop" ends it. End of input ends the
 * program. Answers, one JSON object a line on standard output:
 *   {"event":"ready"}, {"event":"first","call":k,"at_ns":N} for the first packet of a call that is not silence
 *   (kernel's arrival stamp, ns since 1970), and {"event":"window",...} after "stop".
 * With -w also {"event":"silence","call":k,"at_ns":N} for the first packet of silence of a caller's stream; N is when the
 * last loud sample before it is heard: the arrival of its packet, and its place in that.
 * With -d, the payload of every EVERY-th stream in the window is written to DIRECTORY/k.ulaw, or with -o to
 * DIRECTORY/k.CODEC with lengths as above and a length of 0 for what is missing.
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
  SPEECH_SAMPLE = FRAME * 150,
  TONE_SAMPLE = (2 + FRAME) * 350,  /* longer: a jitter buffer that adapts spoils some seconds of a tone */
  SECOND = 8000,         /* a tone of whole Hz begins anew each second */
  LOWEST_HZ = 300,
  TONE_RANGE_HZ = 3100,
  MAGIC_LENGTH = 4,
  STAMP = 28,            /* magic, time of sending (16 digits), call (4), check (4) at the start of the payload */
  MAX_PAYLOAD = 1275,    /* Opus */
  MAX_REPLAYS = 2500,
  PORT_CALLS = 2500,     /* sipp starts again with the first port after so many calls */
  ID_TIMER = -1,
  ID_INPUT = -2,
};

typedef struct {
  const char *name;
  int type, step;        /* of the payload; of the timestamp, in 20 ms */
} Codec;

static const Codec CODECS[] = {{"pcmu", 0, FRAME}, {"pcma", 8, FRAME}, {"g722", 9, FRAME}, {"opus", 111, 960}};
static const Codec *const PCMU = &CODECS[0];

typedef struct {
  const Codec *codec;
  const uint8_t *at, *end;
} Replay;

typedef struct {
  int fd, side, call, slot, next_in_slot;
  bool active;
  struct sockaddr_in remote;
  uint16_t send_seq;
  uint32_t send_timestamp, send_ssrc, speech_at;
  const uint8_t *sound;  /* speech of all, or a tone of its own */
  int sound_length;
  const Codec *codec;
  const Replay *replay;  /* instead of the sound */
  const uint8_t *next_packet;
  bool heard, sounded;   /* got a packet; got one that is not silence */
  uint32_t ssrc, overflow;
  uint16_t seq;
  uint64_t arrival_ns, window_received;
  bool loud;             /* the last packet was */
  uint64_t loud_until_ns, tail_arrival_ns;
  uint8_t tail[STAMP - 1];  /* the end of the packet before: a stamp may begin there */
  uint8_t *sample;
  int sample_length;
  bool sample_full;
} Stream;

static struct {
  bool open;
  uint64_t since_ns, received, lost, reordered, dropped, other, sent, send_errors, gap_max_ns, gaps, gaps_close;
  uint64_t stamped, stamped_own, latency_max_ns, active_ticks;
  uint32_t gap[BINS + 1], lateness[BINS + 1], latency[BINS + 1];
} window;

static Stream *streams;
static int stream_count, per_side, active_count, started_count, first_port, callee_port, sample_every, sample_room;
static bool stamps, watching;
static double tone_amplitude;  /* 0: speech */
static Replay replays[MAX_REPLAYS];
static int replay_count;
static int slot_head[SLOTS];
static const char *address = "127.0.0.1", *call_log, *callee_log, *sample_directory, *replay_directory;
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
  for (int i = 0; i < SECOND; i++) tone[i] = ulaw_encode((int)lrint(tone_amplitude * sin(2 * M_PI * hz * i / SECOND)));
  return tone;
}

/* Silence and comfort noise stay below a magnitude of about 100 of 32,767. The last loud sample's place, from 1; 0: silence. */
static int last_loud(const uint8_t *payload, int length) {
  int loud = 0, last = 0;
  for (int i = 0; i < length; i++) {
    if ((uint8_t)(~payload[i] & 0x7f) <= 0x0c) continue;
    loud++;
    last = i + 1;
  }
  return loud < 8 ? 0 : last;
}

static bool read_replay(int number, const Codec *codec, Replay *replay) {  /* false: there is no such file */
  char path[512];
  snprintf(path, sizeof path, "%s/%d.%s", replay_directory, number, codec->name);
  FILE *file = fopen(path, "rb");
  if (file == NULL) return false;
  fseek(file, 0, SEEK_END);
  long length = ftell(file);
  rewind(file);
  uint8_t *packets = malloc(length);
  if (length < 3 || fread(packets, 1, length, file) != (size_t)length) fail(path);
  fclose(file);
  *replay = (Replay){codec, packets, packets + length};
  return true;
}

static void read_replays(void) {
  const Codec *codec, *end = CODECS + sizeof CODECS / sizeof *CODECS;
  do {
    for (codec = CODECS; codec < end && !read_replay(replay_count + 1, codec, &replays[replay_count]); codec++) {}
  } while (codec < end && ++replay_count < MAX_REPLAYS);
  if (replay_count == 0) fail(replay_directory);
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
    streams[i].side = i / per_side;
    streams[i].call = k + 1;
    streams[i].sound = tone_amplitude > 0 ? make_tone(k) : speech;
    streams[i].sound_length = tone_amplitude > 0 ? SECOND : SPEECH;
    streams[i].codec = PCMU;
    if (streams[i].side == 0 && replay_count > 0) {
      streams[i].replay = &replays[k % replay_count];
      streams[i].codec = streams[i].replay->codec;
      streams[i].next_packet = streams[i].replay->at;
    }
    streams[i].fd = bound_socket(port);
    bound_socket(port + 1);  /* RTCP is taken and never read: no ICMP error goes back */
    struct epoll_event event = {.events = EPOLLIN, .data.u64 = (uint64_t)i};
    epoll_ctl(epoll, EPOLL_CTL_ADD, streams[i].fd, &event);
  }
}

static Stream *stream_of(int side, int call) {
  int index = (call - 1) % PORT_CALLS;
  return call >= 1 && index < per_side ? &streams[side * per_side + index] : NULL;
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

/* Digits of 0x40 to 0x4f: they are the same after they were decoded and encoded again, which 0x7f is not. */
static void put_digits(uint8_t *at, uint64_t value, int digits) {
  for (; digits > 0; digits--, value >>= 4) at[digits - 1] = 0x40 | (value & 0x0f);
}

static uint64_t digits_at(const uint8_t *at, int digits) {
  uint64_t value = 0;
  for (int i = 0; i < digits; i++) value = value << 4 | (at[i] & 0x0f);
  return value;
}

/* A jitter buffer that adapts may cut a stamp in two. */
static uint64_t check_of(uint64_t sent_ns, int call) {
  return ((sent_ns ^ (uint64_t)call << 48) * 0x9e3779b97f4a7c15ull) >> 48;
}

static int put_pcmu(Stream *s, uint8_t *payload) {
  memcpy(payload, s->sound + s->speech_at, FRAME);
  s->speech_at = (s->speech_at + FRAME) % s->sound_length;
  if (stamps) {
    memcpy(payload, MAGIC, MAGIC_LENGTH);
    uint64_t sent_ns = now_ns(CLOCK_REALTIME);
    put_digits(payload + MAGIC_LENGTH, sent_ns, 16);
    put_digits(payload + MAGIC_LENGTH + 16, s->call, 4);
    put_digits(payload + MAGIC_LENGTH + 20, check_of(sent_ns, s->call), 4);
  }
  return FRAME;
}

static int put_replay(Stream *s, uint8_t *payload) {
  const Replay *replay = s->replay;
  int length = s->next_packet[0] << 8 | s->next_packet[1];
  if (length > MAX_PAYLOAD || s->next_packet + 2 + length > replay->end) {
    fprintf(stderr, "rtppeer: a file of %s packets is damaged\n", s->codec->name);
    exit(1);
  }
  memcpy(payload, s->next_packet + 2, length);
  s->next_packet += 2 + length;
  if (s->next_packet >= replay->end) s->next_packet = replay->at;
  return length;
}

static void send_slot(int slot, uint64_t due_ns) {
  uint8_t packet[RTP_HEADER + MAX_PAYLOAD] = {0x80};
  for (int i = slot_head[slot]; i >= 0; i = streams[i].next_in_slot) {
    Stream *s = &streams[i];
    uint16_t seq = htons(s->send_seq++);
    uint32_t timestamp = htonl(s->send_timestamp), ssrc = htonl(s->send_ssrc);
    s->send_timestamp += s->codec->step;
    packet[1] = s->codec->type;
    memcpy(packet + 2, &seq, 2);
    memcpy(packet + 4, &timestamp, 4);
    memcpy(packet + 8, &ssrc, 4);
    int length = RTP_HEADER + (s->replay ? put_replay(s, packet + RTP_HEADER) : put_pcmu(s, packet + RTP_HEADER));
    if (sendto(s->fd, packet, length, MSG_DONTWAIT, (void *)&s->remote, sizeof s->remote) < 0) window.send_errors++;
    else window.sent++;
  }
  if (window.open) count_in(window.lateness, now_ns(CLOCK_MONOTONIC) - due_ns);
}

/* ---- receiving ---- */

/* What does not fit ends the sample: half a packet, or one with a hole before it, would be none. */
static void append(Stream *s, const uint8_t *head, int head_length, const uint8_t *bytes, int length) {
  if (s->sample_full || s->sample_length + head_length + length > sample_room) {
    s->sample_full = true;
    return;
  }
  memcpy(s->sample + s->sample_length, head, head_length);
  memcpy(s->sample + s->sample_length + head_length, bytes, length);
  s->sample_length += head_length + length;
}

static void keep_sample(Stream *s, const uint8_t *payload, int length, int missing) {
  static const uint8_t no_packet[2];
  static uint8_t silence[FRAME];
  if (s->sample == NULL) return;
  memset(silence, 0xff, FRAME);
  for (; missing > 0; missing--) s->replay ? append(s, no_packet, 2, silence, 0) : append(s, no_packet, 0, silence, FRAME);
  append(s, (uint8_t[]){length >> 8, length & 0xff}, s->replay ? 2 : 0, payload, length);
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

static void found_stamp(Stream *s, const uint8_t *stamp, uint64_t arrival_ns, int place) {
  uint64_t sent_ns = digits_at(stamp + MAGIC_LENGTH, 16), heard_ns = arrival_ns + place * 125000ull;
  int call = digits_at(stamp + MAGIC_LENGTH + 16, 4);
  if (sent_ns > heard_ns || digits_at(stamp + MAGIC_LENGTH + 20, 4) != check_of(sent_ns, call)) return;
  uint64_t ns = heard_ns - sent_ns;
  count_in(window.latency, ns);
  window.stamped++;
  window.stamped_own += call == s->call;
  if (ns > window.latency_max_ns) window.latency_max_ns = ns;
}

/* What went through a jitter buffer may begin anywhere in a packet. */
static void measure_latency(Stream *s, uint64_t arrival_ns, const uint8_t *payload, int length) {
  uint8_t sound[STAMP - 1 + FRAME];
  if (length != FRAME) return;
  memcpy(sound, s->tail, STAMP - 1);
  memcpy(sound + STAMP - 1, payload, FRAME);
  uint8_t *at = window.open ? memmem(sound, sizeof sound, MAGIC, MAGIC_LENGTH) : NULL;
  if (at != NULL && at + STAMP <= sound + sizeof sound) {
    int place = at - sound - (STAMP - 1);
    if (place >= 0) found_stamp(s, at, arrival_ns, place);
    else if (s->tail_arrival_ns > window.since_ns) found_stamp(s, at, s->tail_arrival_ns, FRAME + place);
  }
  memcpy(s->tail, payload + FRAME - (STAMP - 1), STAMP - 1);
  s->tail_arrival_ns = arrival_ns;
}

static void note_loudness(Stream *s, uint64_t arrival_ns, const uint8_t *payload, int length) {
  int last = last_loud(payload, length);
  if (last > 0) s->loud_until_ns = arrival_ns + last * 125000ull;
  if (last > 0 && !s->sounded) {
    s->sounded = true;
    printf("{\"event\":\"first\",\"call\":%d,\"at_ns\":%llu}\n", s->call, (unsigned long long)arrival_ns);
    fflush(stdout);
  }
  if (watching && s->side == 0 && s->loud && last == 0) {
    printf("{\"event\":\"silence\",\"call\":%d,\"at_ns\":%llu}\n", s->call, (unsigned long long)s->loud_until_ns);
    fflush(stdout);
  }
  s->loud = last > 0;
}

static void receive(Stream *s) {
  uint8_t packet[2048], control[256];
  struct iovec io = {packet, sizeof packet};
  struct msghdr message = {.msg_iov = &io, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
  int length = recvmsg(s->fd, &message, MSG_DONTWAIT);
  if (length < 0) return;
  if (length < RTP_HEADER || (packet[0] & 0xc0) != 0x80 || (packet[1] & 0x7f) != s->codec->type) {
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
  if (s->replay) return;
  if (stamps) measure_latency(s, arrival_ns, packet + header, length - header);
  if (watching || !s->sounded) note_loudness(s, arrival_ns, packet + header, length - header);
}

/* ---- the window ---- */

static void start_window(void) {
  memset(&window, 0, sizeof window);
  for (int i = 0; i < stream_count; i++) {
    Stream *s = &streams[i];
    s->window_received = 0;
    s->sample_length = 0;
    s->sample_full = false;
    if (sample_directory && s->active && i % sample_every == 0 && s->sample == NULL) s->sample = malloc(sample_room);
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
  snprintf(path, sizeof path, "%s/%d.%s", sample_directory, s->call, s->replay ? s->codec->name : "ulaw");
  FILE *file = fopen(path, "wb");
  if (file == NULL) fail(path);
  fwrite(s->sample, 1, s->sample_length, file);
  fclose(file);
}

static void stop_window(void) {
  window.open = false;
  double seconds = (now_ns(CLOCK_REALTIME) - window.since_ns) / 1e9, expected = window.active_ticks / 20.0, slowest = 1e9;
  int with_packets = 0, slow = 0;
  for (int i = 0; i < stream_count; i++) {
    Stream *s = &streams[i];
    if (s->sample != NULL) write_sample(s);
    if (!s->active) continue;
    double rate = s->window_received / seconds;
    with_packets += s->window_received > 0;
    slow += rate < 49.5;
    if (rate < slowest) slowest = rate;
  }
  printf("{\"event\":\"window\",\"dur\":%.3f,\"active\":%d,\"withrx\":%d,\"low_rate_streams\":%d,\"min_pps\":%.1f,"
         "\"rx\":%llu,\"tx\":%llu,\"txerr\":%llu,\"other\":%llu,\"expected\":%.0f,\"shortfall_pct\":%.3f,"
         "\"seq_lost\":%llu,\"reord\":%llu,\"sockdrop\":%llu,"
         "\"ia_p50\":%.1f,\"ia_p95\":%.1f,\"ia_p99\":%.1f,\"ia_p999\":%.1f,\"ia_max\":%.1f,\"ia_under_5ms_pct\":%.4f,"
         "\"lat_n\":%llu,\"lat_own\":%llu,\"lat_p50\":%.1f,\"lat_p95\":%.1f,\"lat_p99\":%.1f,\"lat_max\":%.1f,"
         "\"txlate_p99\":%.1f,\"txlate_max\":%.1f}\n",
         seconds, active_count, with_packets, slow, active_count ? slowest : 0,
         (unsigned long long)window.received, (unsigned long long)window.sent, (unsigned long long)window.send_errors,
         (unsigned long long)window.other, expected, expected > 0 ? 100 * (1 - window.received / expected) : 0,
         (unsigned long long)window.lost, (unsigned long long)window.reordered, (unsigned long long)window.dropped,
         quantile(window.gap, .5), quantile(window.gap, .95), quantile(window.gap, .99), quantile(window.gap, .999),
         window.gap_max_ns / 1e6, window.gaps ? 100.0 * window.gaps_close / window.gaps : 0,
         (unsigned long long)window.stamped, (unsigned long long)window.stamped_own, quantile(window.latency, .5), quantile(window.latency, .95),
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
  for (int option; (option = getopt(argc, argv, "a:p:n:l:q:c:o:st:wd:e:")) != -1;) switch (option) {
    case 'a': address = optarg; break;
    case 'p': first_port = atoi(optarg); break;
    case 'n': per_side = atoi(optarg); break;
    case 'q': callee_port = atoi(optarg); break;
    case 'c': callee_log = optarg; break;
    case 's': stamps = true; break;
    case 't': tone_amplitude = atof(optarg); break;
    case 'w': watching = true; break;
    case 'o': replay_directory = optarg; break;
    case 'l': call_log = optarg; break;
    case 'd': sample_directory = optarg; break;
    case 'e': sample_every = atoi(optarg); break;
    default: exit(2);
  }
  if (first_port <= 0 || per_side <= 0 || call_log == NULL || (callee_log && callee_port <= 0) ||
      (sample_directory && sample_every <= 0)) {
    fprintf(stderr, "usage: rtppeer -a ADDRESS -p FIRST_PORT -n STREAMS -l CALL_LOG [-q CALLEE_PORT -c CALLEE_LOG] "
                    "[-o DIRECTORY] [-s | -t AMPLITUDE] [-w] [-d DIRECTORY -e EVERY]\n");
    exit(2);
  }
  stream_count = callee_log ? 2 * per_side : per_side;
  sample_room = tone_amplitude > 0 || replay_directory ? TONE_SAMPLE : SPEECH_SAMPLE;
}

int main(int argc, char **argv) {
  read_arguments(argc, argv);
  struct rlimit files;
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
  make_speech();
  if (replay_directory) read_replays();

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
      if (window.open) window.active_ticks += active_count;
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
