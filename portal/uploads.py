"""Files that somebody sends: no form of ours asks for any."""

from typing import Any, NoReturn

from django.core.files.uploadhandler import FileUploadHandler
from django.http.multipartparser import MultiPartParserError


class NoFiles(FileUploadHandler):
    """Ends the reading at the first file, before any of it is kept; Django then answers 400."""

    def new_file(self, *part: Any, **described: Any) -> NoReturn:
        raise MultiPartParserError("no form here takes a file")
