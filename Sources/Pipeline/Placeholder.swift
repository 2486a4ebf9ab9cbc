import Metrics
import ServiceLifecycle
import Yams
