"""Real images, as the chapters and the nets take them."""

from .fashion_mnist import FASHION_CLASSES, load_fashion_mnist

__all__ = ["FASHION_CLASSES", "load_fashion_mnist"]
