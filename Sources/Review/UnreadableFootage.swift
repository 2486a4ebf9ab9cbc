import Ingest

/// Whether the error tells that footage or a camera could not be read, rather than that the command is wrong.
package func isUnreadable(_ error: any Error) -> Bool { error is SessionFailure }
