"""Every bound of the system, once, with its reason.

Wire limits are Segment's (spec 1.4), in binary units because that is what its SDKs cap at. The rest bound
memory, disk and time. Relations between bounds are asserted at the end.
"""

from typing import Final

KIB: Final = 1024
MIB: Final = 1024 * KIB
GIB: Final = 1024 * MIB

# --- collection: one request ------------------------------------------------------------------------------

EVENT_BYTES_MAX: Final = 32 * KIB
"""One event, alone or in a batch. SDKs refuse larger ones themselves."""

BATCH_BYTES_MAX: Final = 512_000
"""A request body after decompression. Java and Ruby fill batches up to exactly this."""

BATCH_EVENTS_MAX: Final = 2_500
"""More are answered 200 and dropped whole, as Segment does; the rejection is counted."""

PIXEL_QUERY_BYTES_MAX: Final = 48 * KIB
"""base64 of the largest event, with room for the other parameters."""

COMPRESSED_BYTES_MAX: Final = BATCH_BYTES_MAX
"""A compressed body larger than the largest plain one was not compressed to save bytes."""

GZIP_MEMBERS_MAX: Final = 64
"""SDKs send one. Each costs a copy of what follows: a body of 25,000 empty ones took a fifth of a second."""

BODY_READ_S_MAX: Final = 30
"""A sender that needs longer for one body is holding the connection, not sending (slow loris)."""

HEADER_READ_S_MAX: Final = 10
"""The same for the request head."""

REQUESTS_IN_FLIGHT_MAX: Final = 1_024
"""Per collector. Times BATCH_BYTES_MAX this is the most memory that bodies can hold (500 MiB); over it 503."""

CONNECTIONS_MAX: Final = 8_192
"""Sockets per collector; idle keep-alive connections cost little, file descriptors are finite."""

MESSAGE_ID_CHARS_MAX: Final = 100
"""Spec: under 100 characters. A longer one is replaced by its hash, so that retries still meet themselves."""

PROPERTIES_MAX: Final = 10_000
"""Keys in one event's properties; 32 KiB cannot hold many more, so this never decides alone."""

USER_AGENT_CHARS_MAX: Final = 1_024
"""Stored per request; browsers stay under 300."""

# --- the log ----------------------------------------------------------------------------------------------

LOG_FRAME_BYTES_MAX: Final = 8 * MIB
"""One group commit; a fsync amortised over 8 MiB costs nothing measurable, a larger blob only latency."""

LOG_SEGMENT_BYTES_MAX: Final = 256 * MIB
"""A segment is the unit of retention; small enough that trimming frees space soon."""

LOG_RETENTION_S: Final = 7 * 24 * 3600
"""Read records are kept this long for a look back; unread ones are kept until read."""

LOG_RETENTION_BYTES: Final = 8 * GIB
"""Per log, read records only."""

LOG_CORRUPTION_GAP: Final = 1 << 20
"""Offsets skipped when a segment's end cannot be read, so that no offset is ever given out twice."""

# --- the pipeline -----------------------------------------------------------------------------------------

MICRO_BATCH_BYTES_MAX: Final = 4 * MIB
"""Stored bytes read at once. Bounds memory: the inflated batch, its events and its outbound copy."""

MICRO_BATCH_INFLATED_BYTES_MAX: Final = 16 * MIB
"""Inflated bytes processed and committed at once."""

BATCH_SHARED_BYTES_MAX: Final = 8 * BATCH_BYTES_MAX
"""What a batch's own `context`, `integrations` and `sentAt` may add to its events together. SDKs put about 1 KB
there; without a bound, one request of 500 KB can become a thousand times as much."""

OUTBOUND_CHUNK_EVENTS_MAX: Final = 500
"""Events in one outbound record: delivery commits whole records, so this bounds the repeats of a crash."""

DEAD_LETTERS_MAX: Final = 100_000
"""Kept dead letters, of the stages and of delivery. Beyond it the oldest of the stages go and are counted; those
of delivery move into files of the lake."""

DEAD_LETTER_FILE_LETTERS_MAX: Final = 5_000
DEAD_LETTER_FILE_BYTES_MAX: Final = 32 * MIB
"""Moved into one file, while nothing else is written to the store: some tenths of a second."""

DEAD_LETTERS_BYTES_MAX: Final = 4 * GIB
"""All of them together. A whole request may be 500 KB: 100,000 of those would fill a disk."""

DEAD_LETTERS_DECIDED_MAX: Final = 1_000
"""Replayed or discarded by one call; whoever means more goes on with its cursor."""

DEAD_LETTER_OBSTACLES_MAX: Final = 20
"""Told when a dead letter is tried out. A batch of 2,500 bad events mostly has one mistake 2,500 times."""

DEAD_LETTERS_LOOKED_BYTES: Final = 128 * MIB
"""Looked through by one call: about all of 100,000 ordinary letters, and a second at most of unusual ones."""

STATE_GENERATION_S: Final = 15 * 24 * 3600
"""Expiring rows go by so much time at once. Longer keeps more disk, shorter makes every look-up ask more
generations: with 30 days of message ids it is three."""

DEDUPE_WINDOW_S: Final = 30 * 24 * 3600
"""Default age at which a messageId may come again. Mobile SDKs keep what they could not send for weeks."""

DEDUPE_WINDOW_S_MAX: Final = 90 * 24 * 3600
"""Seven generations to look into; a longer memory would cost every event."""

EVENT_HOURS_KEPT: Final = 14 * 24
"""Events per source and outcome are counted by the hour for so long: some rows an hour for each source."""

DROPPED_KEPT_S: Final = 7 * 24 * 3600
"""How long `headwater explain` can tell what became of an event that was dropped: as long as the log keeps it."""

TRACE_BYTES_MAX: Final = 16 * KIB
"""What the stages may note about one event."""

DETAIL_CHARS_MAX: Final = 2_000
"""Of the reason why an event was set aside, which quotes names that may be as long as an event. Kept twice."""

TRANSFORMATIONS_MAX: Final = 500
"""In one workspace. An event only pays for those that its source and its name let through."""

TRANSFORMATION_PATHS_MAX: Final = 200
"""Paths of one transformation together: what it can cost an event."""

TRANSFORMATION_VALUES_BYTES_MAX: Final = 16 * KIB
"""What one transformation may add to an event, as JSON; half of the largest event that is taken."""

VALUE_MAP_ENTRIES_MAX: Final = 2_000
"""Of one path: a table of countries or shops, not a database."""

TRANSFORMATION_TEST_EVENTS_MAX: Final = 1_000
"""Events of one dry run: with the requests that brought them this many are a few seconds of work."""

EVENT_PATH_LEVELS_MAX: Final = 4
"""Names in a path inside properties, traits or context: spec 3.7."""

# --- tracking plans ---------------------------------------------------------------------------------------

PLAN_RULES_MAX: Final = 2_000
"""Per plan, as in Segment's own import. A file could hold more, the memory of compiled rules not many."""

PLAN_EVENT_CHARS_MAX: Final = 256
"""An event name, or an alias of one; as long as a key of the workspace file may be."""

SCHEMA_BYTES_MAX: Final = 128 * KIB
"""One rule's schema as JSON."""

SCHEMA_SIZE_MAX: Final = 10_000
"""Values in a schema with every `$ref` written out. Times the values in an event they bound what validating it
costs: a list of 10,000 numbers held against as many parts takes 0.8 s."""

SCHEMA_RECURSIONS_MAX: Final = 2
"""Recursions inside each other: with n of them the cost grows with the n-th power of an event's depth."""

PATTERN_BYTES_MAX: Final = 1 * MIB
"""A compiled pattern. `\\w{100}` takes 700 KiB; what counts to a million is refused."""

VIOLATIONS_PER_EVENT_MAX: Final = 50
"""Reported of one event; a list of a thousand wrong items is one mistake."""

VALIDATION_STEPS_MAX: Final = 200_000
"""Schema size times values of an event up to which all its violations are looked for, which takes memory for each;
beyond it, the first one. Usual ones have 5,000."""

OMIT_ROUNDS_MAX: Final = 8
"""Leaving out what breaks a rule may break another one; so often it is tried again."""

PLANNED_DEPTH_MAX: Final = 64
"""Levels of an event at which a plan can say which names are planned. Files nest less deep; a recursive schema
goes on for ever."""

VIOLATION_KEYS_MAX: Final = 5_000
"""Distinct violations (plan, event, field, type) counted per source and state generation; beyond it they are
counted as overflow. A row takes up to 1.5 KiB."""

VIOLATION_SAMPLES: Final = 3
"""Events kept with each of them, the newest."""

VIOLATION_SAMPLE_BYTES_MAX: Final = 4 * KIB
"""Of each such event."""

VIOLATION_HOURS: Final = 7 * 24
"""Counts are kept by the hour for so long."""

VIOLATIONS_KEPT_S: Final = 30 * 24 * 3600
"""A violation that has not been seen for so long is forgotten, with its samples."""

PLAN_TEST_EVENTS_MAX: Final = 10_000
"""Events of one dry run of a plan: some seconds, of a thread of its own."""

PLAN_TEST_HOURS_MAX: Final = 7 * 24
"""How far back it may look; the collected log mostly keeps no more."""

PLAN_TEST_LOG_BYTES_MAX: Final = 64 * MIB
"""Of the collected log looked through for them, backwards: other sources' requests count as well."""

PLAN_TEST_NAMES_MAX: Final = 200
"""Event names told apart in the answer; those with most to say."""

PLAN_TEST_SAMPLES_BYTES_MAX: Final = 2 * MIB
"""Of whole events in the answer; beyond it samples say what is wrong without the event."""

ITEM_CHANGES_MAX: Final = 200
"""Told of one version of a plan or a transformation: a new plan in place of the old one changes every rule."""

# --- the schema of a source --------------------------------------------------------------------------------

SCHEMA_EVENTS_MAX: Final = 4_000
"""Spec 3.5: event names listed per source. More are names that are made up per event, and only counted."""

SCHEMA_PROPERTIES_MAX: Final = 300
"""Spec 3.5: properties of one event, or traits, with those inside objects; more are only counted."""

SCHEMA_SOURCE_PROPERTIES_MAX: Final = 60_000
"""Of all events of a source together: fifteen for each of 4,000. One request can name all events of a source, and
then all their rows are written anew; this keeps that at a tenth of a second and some megabytes."""

SCHEMA_NAME_CHARS_MAX: Final = 200
"""Of an event's name, and of a property's path. Longer ones are no names; they are only counted."""

SCHEMA_DEPTH_MAX: Final = 6
"""Levels of objects and arrays that are looked into. Spec 3.7 renames four levels deep."""

SCHEMA_SHAPES_MAX: Final = 10_000
"""Distinct shapes of objects that a batch counts before it folds them into rows: some 10 MB."""

# --- the lake ---------------------------------------------------------------------------------------------

LAKE_VISIBLE_S: Final = 5
"""Default age of the oldest event waiting for a Parquet file; leaves half of the promised 10 s for work."""

LAKE_FILE_ROWS_MAX: Final = 100_000
"""Rows per freshly written file: bounds the writer's memory (about 100 MB of plain events)."""

LAKE_COMPACT_FILES: Final = 8
"""So many neighbouring files of one size class are merged into one of the next."""

LAKE_COMPACTED_ROWS_MAX: Final = 1_000_000
"""A file of this size is never merged again."""

# --- delivery ---------------------------------------------------------------------------------------------

DELIVERY_TIMEOUT_S: Final = 10
"""One attempt, connect to last byte."""

DELIVERY_RESPONSE_BYTES_MAX: Final = 64 * KIB
"""Read of an answer; more is cut off, nothing in a webhook's answer needs it."""

DELIVERY_CONCURRENCY: Final = 16
"""Requests under way to a destination instance at first; then as many as it stands (delivery/congestion.py)."""

RETRY_WINDOW_S: Final = 4 * 3600
"""Spec 2.4: cloud destinations are retried for four hours."""

RETRY_WINDOW_S_MAX: Final = 7 * 24 * 3600
"""What a destination may ask for. Beyond a week an event is rather replayed from the lake."""

RETRY_BASE_S: Final = 1.0
RETRY_DELAY_S_MAX: Final = 600.0
"""A destination that recovers after hours is tried again at most ten minutes later."""

DELIVERY_CONCURRENCY_MAX: Final = 256
"""What a destination may ask for. Each request under way has a connection."""

POSTGRES_CONNECTIONS_MAX: Final = 8
"""Of a destination to its database, which has 100 for everybody unless somebody has changed that."""

BATCH_WAIT_S_MAX: Final = 60.0
"""What a mapping may have an event wait for company. It is held in memory meanwhile, and repeated after a kill."""

FILTERS_PER_DESTINATION_MAX: Final = 10
FILTER_TITLE_CHARS_MAX: Final = 64
MAPPINGS_PER_DESTINATION_MAX: Final = 50
"""Spec 2.6 and 2.8."""

FILTER_FIELDS_MAX: Final = 200
"""Names in one step of a filter. Each is looked for in every event that matches."""

CONSENT_CATEGORIES_MAX: Final = 50
"""Of one destination. Consent tools have about ten."""

# --- receipts ---------------------------------------------------------------------------------------------

EXCHANGES_PER_HOUR_FAILED: Final = 1_000
"""Failures of one destination and reason whose request and answer are kept: all of them, until it is an outage.
Spec 2.5 has ten; each is a few KB."""

EXCHANGES_PER_HOUR_DELIVERED: Final = 10
"""The same for successes: enough to see what is being sent."""

EXCHANGE_BYTES_MAX: Final = 64 * KIB
"""Of one receipt: what was asked and answered in its last attempt, masked."""

EXCHANGE_REQUEST_BYTES_MAX: Final = EVENT_BYTES_MAX
"""Of one request's body: an event of any size; of a batch the beginning."""

EXCHANGE_ANSWER_BYTES_MAX: Final = 8 * KIB
"""Of one answer's body: what matters stands at its beginning, and pages of HTML are long."""

EXCHANGE_HEADERS_BYTES_MAX: Final = 4 * KIB
"""Of the headers of one request or answer, and of an address."""

RECEIPT_RETENTION_S: Final = 30 * 24 * 3600
"""Default. Questions about a delivery come weeks later, with the invoice."""

RECEIPT_RETENTION_BYTES: Final = 20 * GIB
"""Default; some 500 million receipts."""

RECEIPT_FOLD_RECEIPTS: Final = 100_000
"""So many in no file yet make a new one: some 60 MB while it is written, and a tenth of a second of a question."""

RECEIPT_FOLD_S: Final = 60.0
"""Or the oldest of fewer waits so long, so that a question has few small pieces to look at."""

RECEIPT_FILE_ROWS_MAX: Final = 250_000
"""A file of this size is never merged again: some 150 MB in memory while it is written or looked through."""

RECEIPT_FILE_BYTES_MAX: Final = 32 * MIB
"""The same for files with many exchanges."""

DELIVERY_MINUTES_KEPT_S: Final = 14 * 24 * 3600
"""Spec 2.5: two weeks of counts per minute."""

# --- FQL, the filter language -----------------------------------------------------------------------------

FQL_BYTES_MAX: Final = 5 * KIB
"""Spec 2.6. A filter that needs more is a list of values, and belongs into the event."""

FQL_DEPTH_MAX: Final = 32
"""Parentheses, lists, functions and `!` inside each other. People write three. The evaluator needs up to fifteen
frames for each of them, and Python has a thousand for everything."""

FQL_PATH_NAMES_MAX: Final = 32
"""Names in one path. Events are rarely nested deeper than six."""

FQL_NUMBER_CHARS_MAX: Final = 400
"""Every number that a double can hold can be written out in fewer, apart from the very smallest."""

FQL_COMPILED_MAX: Final = 2_048
"""Compiled expressions kept, about 30 KB each. A workspace has at most ten filters per destination."""

TOOL_LINE_BYTES_MAX: Final = BATCH_BYTES_MAX
"""One line that a tool reads from standard input. An event with all that a batch may add to it is smaller."""

GLOB_CHARS_MAX: Final = 512
"""One pattern. Matching takes at most pattern times text steps; against 32 KiB that is a tenth of a second."""

# --- profiles ---------------------------------------------------------------------------------------------

EXTERNAL_ID_CHARS_MAX: Final = 500
"""Spec 4.3: a longer groupId is dropped. It stands in keys of several tables; an id is never this long."""

EXTERNAL_IDS_REMEMBERED: Final = 100_000
"""Values that are known to be blocked or not; some 20 MB."""

CONFLICTS_MAX: Final = 10
"""So many other profiles an external id may be refused at; then it is quarantined: a device or an address that
many people share ties nothing together any more. A family shares one with fewer."""

SEVERED_MAX: Final = 10_000
"""Pairs of ids that people have put apart. They are held in memory, and looked through when profiles meet."""

TRAITS_PER_CALL_MAX: Final = 300
"""Spec 4.3: an identify or group with more is no description of anybody; its traits are not kept."""

TRAITS_MAX: Final = 1_000
"""Of one profile. They are read whenever one of its events changes any of them."""

TRAITS_BYTES_MAX: Final = 256 * KIB
"""Of one profile, all its traits together. What does not fit any more is counted and not kept."""

COUNTS_IN_ROW_MAX: Final = 32
"""Values of a unique_list or most_frequent that are kept in the profile's row; more have a row of their own."""

TIMERS_PER_BATCH: Final = 2_000
"""Profiles whose windows expire in one commit; some 50 ms of work. More go on in the next."""

SWEEP_PROFILES: Final = 200
"""Profiles that one step of a sweep brings up to date at most ..."""

SWEEP_EVENTS: Final = 5_000
"""... and events of their histories, counted after each profile. A step takes some 40 ms, between two batches. Of
1,000 profiles and 20,000 events events were seen after 300 ms instead of 60 meanwhile, and it ended no sooner."""

UNMERGE_EVENTS_MAX: Final = 250_000
"""Events of the profiles that an unmerge resolves anew, in memory: some 500 MB. More is refused."""

UNMERGE_PROFILES_MAX: Final = 1_000
"""Profiles that had anything to do with each other; beyond it is no mistake of one event any more."""

# --- reading profiles -------------------------------------------------------------------------------------

MERGED_FOLLOWED_MAX: Final = 1_000
"""Steps from a profile to the one it has become part of. A profile is made of 100 merges, each of which may be of
one that was merged before; beyond this the rows lead in a circle."""

PROFILE_EVENTS_LOOKED: Final = 2_000
"""Events looked at for one page of the Profile API: some 10 ms. Whoever asks for rare ones among a million gets
short pages and a cursor, and keeps nobody else waiting."""

PROFILE_API_LINKED_IDS_MAX: Final = 100
"""External ids of each linked profile that the Profile API shows; the profile's own page has all of them."""

PROFILE_EVENTS_SHOWN_MAX: Final = 1_000
"""In one answer of the private API about a profile."""

PROFILE_SEARCH_LOOKED: Final = 10_000
"""Profiles looked at for one page of a search: some 0.3 s. Whoever looks for somebody among a million asks again
and again, and sees how far it is."""

PROFILE_SEARCH_PAGE_MAX: Final = 200
"""Profiles in one page of a search; each takes a look at its external ids."""

PROFILE_SEARCH_TESTS_MAX: Final = 20
"""Conditions about traits in one search; more are an audience."""

PROFILE_RECENT_BYTES: Final = 4 * MIB
"""Of the outbound log that are looked through for who was heard of last: some 7,000 events, 50 ms."""

IDENTITY_IDS_DRAWN: Final = 200
"""External ids in the picture of an identity; more are no picture any more, and are counted."""

IDENTITY_PROFILES_DRAWN: Final = 100
"""Former profiles in it: as many merges as a profile may have by default."""

IDENTITY_REFUSALS_SHOWN: Final = 100
"""Ids that were refused, and merges that were undone, beside it."""

IDENTITY_SUSPECTS_SHOWN: Final = 20
"""Profiles beside it that may be the same person."""

IDENTITY_EVENTS_LOOKED_UP: Final = 500
"""Events whose name it says; each takes a look into a history ..."""

IDENTITY_EVENTS_NEAR: Final = 100
"""... at so many events before the time of receipt; those that were sent late are further away."""

PROFILE_RECEIPT_PARTS: Final = 10
"""Former profiles whose receipts are looked for with those of a profile: each is a search of its own, and receipts
are kept for 30 days."""

REGULATION_IMPACT_USERS: Final = 500
"""Users of a privacy request whose profiles are looked up before it is made; some 50 ms."""

REGULATION_PEOPLE_SHOWN: Final = 10
"""Of them, in the dialog that asks whether it is meant."""

TIMELINE_PAGE_MAX: Final = 200
"""Events of a profile in one page of its timeline, each whole: 6 MB at most."""

PROFILE_ACTIVITY_EVENTS: Final = 20_000
"""Events of a profile that are counted for its chart: some 60 ms. Of more, the newest."""

PROFILE_KINDS_SHOWN_MAX: Final = 100
"""Different events of a profile that are listed with their number."""

PROFILE_LINKS_SHOWN_MAX: Final = 100
"""In one answer of the private API about a profile; an account may have a million users."""

DECISIONS_SHOWN_MAX: Final = 2_000
"""Of the identity log, in one answer. A profile has a thousand ids and a hundred merges at most, unless somebody
allows more."""

COLLECTED_VALUES_MAX: Final = 10_000
"""Spec 4.6: distinct values that one aggregate of a profile counts. Further ones are not counted."""

WINDOW_TIMES_KEPT: Final = 16
"""Of the events in a window of a profile, the times of the oldest, which leave next. They stand in its row; when
they are used up, the history tells the next ones."""

WINDOW_ROWS_LOOKED: Final = 5_000
"""Of the history, in search of what leaves a window next, when nothing matches; some 20 ms. The search goes on
when the last one looked at would leave."""

# --- privacy ----------------------------------------------------------------------------------------------

REGULATION_SUBJECTS_MAX: Final = 5_000
"""Users in one request, as Segment has it. Finding them costs one pass over the data however many there are."""

REGULATION_SUBJECT_CHARS_MAX: Final = EVENT_BYTES_MAX
"""A userId that was ever accepted is no longer; a shorter bound would leave somebody who cannot be deleted."""

ERASE_ROWS: Final = 2_000
"""Rows of working data looked at between two micro-batches, or two other calls of the delivery store: a few
milliseconds of waiting for everybody else."""

# --- the team ---------------------------------------------------------------------------------------------

TEAMMATES_MAX: Final = 1_000
"""Teammates are listed whole; a company with more signs in through something else."""

TEAM_TOKENS_MAX: Final = 1_000
"""API tokens, the expired ones among them: for each program one, and they are listed whole."""

TEAM_EMAIL_CHARS_MAX: Final = 254
"""RFC 5321: what fits into a path."""

TEAM_NAME_CHARS_MAX: Final = 100
"""Of a teammate or token; it becomes the author of versions."""

TEAM_AGENT_CHARS_MAX: Final = 300
"""Of what a browser calls itself, kept with a session."""

TEAM_LINK_S_MAX: Final = 24 * 3600
"""An invitation or a link for a new password is handed over by a person, who does so the same day."""

PASSWORD_CHARS_MIN: Final = 10
"""NIST SP 800-63B asks for 8; the pauses after failures allow some hundred thousand guesses a year."""

PASSWORD_CHARS_MAX: Final = 256
"""Longer than any sentence that people type; hashing costs the same for all."""

PASSWORD_HASHES_AT_ONCE: Final = 2
"""Each takes 64 MiB and a tenth of a second of a core."""

PASSWORD_HASHES_WAITING_MAX: Final = 32
"""Some three seconds of waiting; more are told to come back."""

SESSION_S_MAX: Final = 30 * 24 * 3600
"""A session ends then, however busy it is."""

SESSION_IDLE_S_MAX: Final = 3 * 24 * 3600
"""Or when nobody has used it for so long: a weekend."""

SESSION_SEEN_S: Final = 300
"""So coarse it is noted that a session was used: a write for every request would be most of its cost."""

SESSIONS_PER_TEAMMATE_MAX: Final = 20
"""Browsers of one person; the oldest is signed out."""

TOKEN_USED_S: Final = 3_600
"""So coarse it is noted that a token was used."""

SIGN_IN_ACCOUNT_PAUSE_S_MAX: Final = 5 * 60
"""The longest pause after failures for one account: who knows somebody's address must not keep them out for long.
"""

SIGN_IN_ADDRESS_PAUSE_S_MAX: Final = 15 * 60
"""The same for one address."""

SIGN_IN_KEPT_S: Final = 24 * 3600
"""Failures are forgotten after so long without another one; far more than the longest pause."""

SIGN_IN_NAMES_MAX: Final = 100_000
"""Accounts and addresses whose failures are counted, some 10 MB; the longest unheard of is forgotten first."""

AUDIT_KEPT_S: Final = 400 * 24 * 3600
"""A year and a month: who looks back once a year finds all of it."""

AUDIT_ENTRIES_MAX: Final = 1_000_000
"""Some 200 MB; a team of twenty makes a tenth of that in a year."""

AUDIT_FAILURES_MAX: Final = 10_000
"""Failed sign-ins among them: strangers make them, and must not push out what the team has done."""

# --- roles ------------------------------------------------------------------------------------------------

DRAIN_S_MAX: Final = 20
"""SIGTERM to exit; supervisors of containers kill after 30."""

RESTART_DELAY_S_MAX: Final = 15.0
"""The longest pause before a crashed role is started again."""

CONTROL_BODY_BYTES_MAX: Final = 4 * MIB
"""A workspace file sent to the private API."""

SQL_ROWS_MAX: Final = 100_000
"""Rows of one answer of the private API's SQL; larger results belong in a file."""

# --- identity, traits and audiences ------------------------------------------------------------------------

IDENTITY_RULES_MAX: Final = 200
"""Types of external ids with a rule of their own. Companies have ten."""

IDENTITY_IDS_MAX: Final = 100_000
"""The most that a workspace may allow one profile. Each is a row, and is read when the profile is merged."""

IDENTITY_MERGES_MAX: Final = 10_000
"""The same for merges: each leaves a part whose history is read along with the profile's own."""

BLOCKED_VALUES_MAX: Final = 10_000
"""Of one type. They are held in memory."""

BLOCK_PATTERN_CHARS_MAX: Final = 512
"""One pattern; what it may become once compiled is bounded by PATTERN_BYTES_MAX."""

BLOCK_PATTERNS_MAX: Final = 50
"""Of one type. A value that has not been seen lately is held against all of them."""

DEFINITIONS_MAX: Final = 1_000
"""Traits and audiences of a workspace. Segment has 100 or so; each keeps state on every profile."""

DEFINITION_KEY_CHARS_MAX: Final = 255
"""Spec 4.14 has it for journeys. A key is the name of a trait, and stands in keys of the state."""

DEFINITION_DEPTH_MAX: Final = 24
"""Conditions inside each other. People write four; whoever walks the tree needs a few Python frames for each, and
a YAML file nests 64 levels at most, two or three of them for each condition."""

DEFINITION_NODES_MAX: Final = 500
"""Conditions and comparisons of one definition together. The query language has 50 primary expressions."""

OPERANDS_MAX: Final = 1_000
"""Values that one comparison names. More is a list to keep as a trait, or an audience of its own."""

DEFINITION_TEXT_CHARS_MAX: Final = 64 * KIB
"""Of one definition in any notation, while somebody writes it: a query of QUERY_CHARS_MAX is a longer tree."""

QUERY_PRIMARIES_MAX: Final = 50
"""Spec 4.10: primary expressions in one query."""

QUERY_CHARS_MAX: Final = 32 * KIB
"""Of one query: 50 primary expressions with long lists of values."""

SEQUENCE_STEPS_MAX: Final = 10
"""Of one sequence. Each step is looked for among all events of a person."""

WINDOW_MS_MAX: Final = 3_660 * 24 * 3600 * 1000
"""Ten years and their leap days. Segment looks back three; nobody has kept more than ten, and a window as long as
the history is no window."""

DATE_DISTANCE_MS_MAX: Final = 73_200 * 24 * 3600 * 1000
"""200 years: how far from now a date may be asked about, as in "born before the last 18 years"."""

CONNECTIONS_PER_DEFINITION_MAX: Final = 50
"""Destinations that one definition tells."""

ENRICHMENT_TRAITS_MAX: Final = 50
"""Traits that are sent along to one destination; with them an event must stay under EVENT_BYTES_MAX."""

PROFILE_API_TOKENS_MAX: Final = 50
"""Each request is compared with all of them, in constant time."""

# --- sync planning ----------------------------------------------------------------------------------------

SYNC_INLINE_MESSAGES_MAX: Final = 2_000
"""For the destinations about one profile in one commit, about 2 MB; the others stream from a fan-out."""

SYNC_BATCH_MESSAGES_MAX: Final = 20_000
"""The same about all profiles together: a commit holds as many messages as it may hold large events."""

SYNC_TRAITS_BYTES_MAX: Final = 16 * KIB
"""Of the traits that are sent along, as JSON; half of the largest event. What does not fit is left out."""

FAN_OUT_PAGE_IDS: Final = 500
"""External ids in one row of a fan-out, some 20 KB: what a step reads to go on."""

SYNC_DIFFERENCES_MAX: Final = 100
"""Examples that a shadow comparison keeps. It counts all; people read a few."""

# --- people in the private API ----------------------------------------------------------------------------

EXPORT_PAGE_MEMBERS: Final = 1_000
"""Members of an audience that one look at the state gives: some 30 ms, in which nobody else looks."""

EXPORT_GROUP_MEMBERS: Final = 10_000
"""In one row group of an exported Parquet file; they are in memory together, some 10 MB."""

EXPORT_TRAITS_MAX: Final = 50
"""Traits that an export has as columns."""

MEMBER_IDS_SHOWN_MAX: Final = 100
"""External ids of one member of an audience; the profile's own page has all of them."""

MEMBERS_COMPARED: Final = 20_000
"""Members of several audiences that one look at the state compares: of two some 30 ms."""

AUDIENCES_COMPARED_MAX: Final = 8
"""Compared at once, in every combination: 255 numbers, more than anybody reads."""

TRAIT_PROFILES_MAX: Final = 50_000
"""Profiles whose values of a trait are counted: about a second, and shares are right to half a percent."""

TRAIT_PROFILES_LOOKED: Final = 2_000
"""Of these, in one look at the state: some 40 ms, in which nobody else looks."""
assert TRAIT_PROFILES_MAX % TRAIT_PROFILES_LOOKED == 0

TRAIT_VALUES_TOLD_APART: Final = 10_000
"""Different values that are counted, each of TRAIT_VALUE_BYTES_SHOWN at most: 2.5 MB while it is counted."""

TRAIT_VALUE_BYTES_SHOWN: Final = 256
"""A longer value is hardly one that several people share."""

PREVIEW_SAMPLE_MAX: Final = 20
"""Profiles that the preview of a definition names."""

PREVIEW_S_MAX: Final = 60.0
"""As long as a statement of `POST /sql`: a preview is one."""

STATUS_ROWS_LOOKED: Final = 2_000
"""Rows that are counted for the status; beyond it "at least" is as good."""

QUARANTINE_ROWS_LOOKED: Final = 20_000
"""External ids with a conflict that are looked at for one page of those in quarantine; most are not."""

UNMERGE_PREVIEW_EVENTS_MAX: Final = 20_000
"""Events of a profile whose unmerge is tried out before it is asked for: some 2 s and 50 MB. That of a larger one
is only checked.
"""

DUPLICATE_SIGNS_MAX: Final = 10
"""Kinds of values by which likely duplicates are looked for at once."""

DUPLICATE_BITS: Final = 1 << 27
"""Of each of the two bit sets, 16 MiB, that find out which values occur more than once. Of a million profiles with
three values each, two in a hundred are then kept for nothing.
"""

DUPLICATE_VALUES_MAX: Final = 200_000
"""Values that several profiles share and that are kept at once, some 60 MB."""

DUPLICATE_GROUP_MAX: Final = 10
"""Profiles that share one value. What more of them share says nothing about who they are."""

DUPLICATE_PAIRS_MAX: Final = 100_000
"""Pairs that are weighed against each other, some 40 MB."""

# --- replays ----------------------------------------------------------------------------------------------

REPLAY_PER_S: Final = 500
"""Events per second that a replay sends unless it says otherwise: most tools take no more from one customer."""

REPLAY_PER_S_MAX: Final = 100_000

REPLAYS_OPEN_MAX: Final = 100
"""Running and paused ones. Each keeps a list of files, and the members of an audience."""

REPLAY_AHEAD_EVENTS_MAX: Final = 5_000
"""So many events may wait in the outbound log for the destination of a replay before it adds more: what is new
must not queue behind hours of what is old."""

# --- watching events --------------------------------------------------------------------------------------

LIVE_WATCHERS_MAX: Final = 32
"""Streams of live events at once. Each costs a filter for every event that arrives."""

LIVE_EVENTS_PER_S: Final = 100
"""Sent to one watcher; nobody reads faster, and a browser that is given 2,000 a second does nothing else. What is
left out is counted."""

LIVE_BYTES_PER_S: Final = 1 * MIB
"""Of bodies sent to one watcher; beyond it events come without theirs. Ordinary ones have 1 KB."""

LIVE_WAITING_EVENTS_MAX: Final = 500
"""Kept for a watcher whose connection is slow; with bodies at most five seconds' worth of LIVE_BYTES_PER_S."""

LIVE_EVENTS_LOOKED: Final = 1_000
"""Events looked at in one step of the tail, of which there are twenty a second: at some 5 µs each a tenth of
a core at most. What is beyond that is jumped over, and counted."""

LIVE_MISSED_LOOKED: Final = 10 * LIVE_EVENTS_LOOKED
"""The same for what a watcher has missed who comes back after a break: half a minute at 300 a second."""

LIVE_READ_BYTES_MAX: Final = 4 * MIB
"""Read from a log in one step of the tail: more than 1,000 ordinary events."""

LIVE_UNSETTLED_BYTES_MAX: Final = 16 * MIB
"""Requests kept in memory because it is not known yet what becomes of their events."""

LIVE_HEARTBEAT_S: Final = 15.0
"""A silent connection gets a comment this often: proxies close one after a minute. So often it is also looked
whether the watcher may still watch."""

RECENT_EVENTS_MAX: Final = 100
"""In one answer about the newest events: samples to choose from, not an export."""

RECENT_LOG_BYTES_MAX: Final = 32 * MIB
"""Of the outbound log looked through for them, backwards; some 100,000 events."""

RECENT_LAKE_ROWS_MAX: Final = 2_000
"""Rows of the lake that a filter is asked about, newest first, when the log had too few; a few megabytes."""

DEAD_LETTERS_TALLIED: Final = 20_000
"""Of the newest dead letters counted by reason for the overview: some 50 ms."""

VOLUME_POINTS_MAX: Final = 500
"""Of one series: as many as a wide chart has pixels to tell apart."""

VOLUME_SERIES_MAX: Final = 20
"""The largest ones are told apart; the others are one together."""

VOLUME_S_MAX: Final = 90 * 24 * 3600
"""How far back volumes are asked for; a chart over years belongs into SQL."""

assert EVENT_BYTES_MAX <= BATCH_BYTES_MAX <= LOG_FRAME_BYTES_MAX <= LOG_SEGMENT_BYTES_MAX
assert BATCH_BYTES_MAX <= MICRO_BATCH_BYTES_MAX <= MICRO_BATCH_INFLATED_BYTES_MAX
assert LAKE_FILE_ROWS_MAX < LAKE_COMPACTED_ROWS_MAX
assert LAKE_VISIBLE_S < 10
assert EXCHANGE_REQUEST_BYTES_MAX + EXCHANGE_ANSWER_BYTES_MAX < EXCHANGE_BYTES_MAX
assert SYNC_INLINE_MESSAGES_MAX <= SYNC_BATCH_MESSAGES_MAX
assert SYNC_TRAITS_BYTES_MAX < EVENT_BYTES_MAX
assert EVENT_BYTES_MAX < LIVE_BYTES_PER_S
assert SESSION_SEEN_S < SESSION_IDLE_S_MAX < SESSION_S_MAX
assert max(SIGN_IN_ACCOUNT_PAUSE_S_MAX, SIGN_IN_ADDRESS_PAUSE_S_MAX) < SIGN_IN_KEPT_S

# --- mappings ---------------------------------------------------------------------------------------------

MAPPING_CHARS_MAX: Final = 1 * MIB
"""Keys and texts of one mapping together, which a workspace keeps in memory for each."""

MAPPING_VALUES_MAX: Final = 10_000
"""Of one mapping. The largest presets have 300."""

MAPPING_READS_MAX: Final = 2_000
"""Directives and places in templates of one mapping: each costs an event some hundred nanoseconds."""

MAPPING_DEPTH_MAX: Final = 64
"""Levels inside each other. A choice between many places is one level for each."""

MAPPING_READS_PLAIN: Final = 128
"""A mapping with so many reads makes at most so many times an event of it; beyond it, what it makes is counted."""

MAPPING_WORK_MAX: Final = 2 * MIB
"""Characters and values that a mapping may make of one event: few APIs take more in one request, and some tenths
of a second go by until then."""

MAPPING_PATTERN_CHARS_MAX: Final = 10
"""Spec 2.9: what `@replace` looks for, and what it puts there."""

LIQUID_CHARS_MAX: Final = 1_000
"""Spec 2.9: of a template."""

LIQUID_WORK_MAX: Final = 512 * KIB
"""Characters that a template may be given and make, filter by filter; an item of a list counts as eight. The
costliest filter takes 0.2 µs and 20 bytes for each, which stays far below the 500 ms and 100 MB of spec 2.9."""
