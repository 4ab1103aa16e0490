"""Real images, as the chapters and the nets take them."""

from .chosen import load_images
from .cifar10 import CIFAR_CLASSES, load_cifar10
from .fashion_mnist import FASHION_CLASSES, load_fashion_mnist

__all__ = [
    "CIFAR_CLASSES",
    "FASHION_CLASSES",
    "load_cifar10",
    "load_fashion_mnist",
    "load_images",
]
