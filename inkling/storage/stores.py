"""Which object store the settings choose: a folder, or an S3 bucket."""

from functools import partial

from inkling.settings import Settings
from inkling.storage.base import ObjectStore
from inkling.storage.folder import FolderStore
from inkling.storage.late import LateStore


def open_store(settings: Settings) -> ObjectStore:
    """Return the store that the settings choose. No network is touched before its first use."""
    if settings.bucket:
        return LateStore(partial(_open_bucket, settings))
    return FolderStore(settings.objects_folder, settings.tmp_folder)


def _open_bucket(settings: Settings) -> ObjectStore:
    """Return S3_BUCKET with the keys that boto3 finds, else Bucketeer's bucket and keys."""
    from inkling.storage.s3 import Credentials, S3Store  # boto3 costs a web worker time and memory

    open_bucket = partial(S3Store, prefix=settings.s3_prefix, endpoint_url=settings.s3_endpoint_url)
    if settings.s3_bucket:
        return open_bucket(settings.s3_bucket)
    credentials = Credentials(
        settings.bucketeer_aws_access_key_id,
        settings.bucketeer_aws_secret_access_key,
        settings.bucketeer_aws_region,
    )
    return open_bucket(settings.bucketeer_bucket_name, credentials=credentials)
