"""Serve the built site on this machine only, and print its address."""

import argparse
import functools
import sys
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer


class Quiet(SimpleHTTPRequestHandler):
    """Files of the site, without a line for each request, and never a stale page."""

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""

    def end_headers(self) -> None:
        """Let the browser ask again after a rebuild."""
        self.send_header("Cache-Control", "no-cache")
        super().end_headers()


def main() -> int:
    """Serve until Ctrl-C; a port that is taken is replaced by a free one, and said."""
    parser = argparse.ArgumentParser(prog="python -m book._ext.serve", description=__doc__)
    parser.add_argument("folder")
    parser.add_argument("--port", type=int, default=8231)
    options = parser.parse_args()
    handler = functools.partial(Quiet, directory=options.folder)
    try:
        server = ThreadingHTTPServer(("127.0.0.1", options.port), handler)
    except OSError:
        print(f"Port {options.port} is taken; taking a free one.")
        server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    print(f"The book is on http://localhost:{server.server_port}/ (Ctrl-C ends it)", flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        print("\nClosed.")
    finally:
        server.server_close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
