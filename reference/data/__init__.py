"""Real images, as the chapters and the nets take them."""

from .chosen import load_images
from .fashion_mnist import FASHION_CLASSES, load_fashion_mnist

__all__ = ["FASHION_CLASSES", "load_fashion_mnist", "load_images"]
