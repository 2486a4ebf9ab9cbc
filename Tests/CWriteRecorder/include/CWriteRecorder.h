// Records what a process does to the files of a journal: linked into a program, it takes the place of the C library's
// writing functions for SQLite.
#ifndef SNOWLINE_CWRITERECORDER_H
#define SNOWLINE_CWRITERECORDER_H

/// Begins to record into a new file at `path`. Returns 0, or errno.
int snowline_recorder_begin(const char *path);

/// Notes that what `text` names has been acknowledged to somebody.
void snowline_recorder_acknowledge(const char *text);

#endif
