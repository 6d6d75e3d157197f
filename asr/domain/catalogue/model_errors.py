"""What can go wrong between a model's address and its use, by name."""

from kit.errors import Conflict, Invalid, NotFound, Unavailable


class CatalogueWrong(Invalid):
    """The file that lists the models cannot be used."""

    code = "model.catalogue_wrong"


class ModelNameWrong(Invalid):
    """No name that a folder of models could have."""

    code = "model.name_wrong"


class ModelUnknown(NotFound):
    """Not in the catalogue, and no file was named to take it from."""

    code = "model.unknown"


class ModelNotInstalled(NotFound):
    code = "model.not_installed"


class ModelInUse(Conflict):
    """The model in use stays."""

    code = "model.in_use"


class ModelEmbedded(Conflict):
    """The embedded model belongs to the program."""

    code = "model.embedded"


class InstallRunning(Conflict):
    """Somebody else is installing this model at this moment."""

    code = "model.install_running"


class NoPreviousModel(NotFound):
    """Nothing was in use before."""

    code = "model.no_previous"


class ChoiceUnreadable(Invalid):
    """The file that says which model is in use is damaged."""

    code = "model.choice_unreadable"


class DownloadFailed(Unavailable):
    """The archive could not be fetched; what has come so far is kept for the next try."""

    code = "model.download_failed"


class DownloadRefused(Invalid):
    """What the address offers is not the model: another size, too large, or no archive at all."""

    code = "model.download_refused"


class ChecksumWrong(Invalid):
    code = "model.checksum_wrong"


class ArchiveUnreadable(Invalid):
    """No zip archive, a damaged one, or one of a kind that is not taken."""

    code = "model.archive_unreadable"


class ArchiveUnsafe(Invalid):
    """It would write outside its folder, or grow beyond the limits."""

    code = "model.archive_unsafe"


class DiskTooSmall(Unavailable):
    code = "model.disk_full"


class ModelFolderUnusable(Unavailable):
    """The folder of models cannot be read or written."""

    code = "model.folder_unusable"


class ModelUnloadable(Invalid):
    """The recogniser cannot use it: files are missing, or loading it failed, hung or died."""

    code = "model.does_not_load"


class ModelDamaged(Invalid):
    """Its files are not those that were installed."""

    code = "model.damaged"
